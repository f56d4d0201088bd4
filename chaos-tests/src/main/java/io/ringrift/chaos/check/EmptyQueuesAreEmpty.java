package io.ringrift.chaos.check;

import io.ringrift.chaos.evidence.Part;
import io.ringrift.chaos.evidence.RunEvidence;
import io.ringrift.chaos.history.Kind;
import io.ringrift.chaos.history.Operation;
import io.ringrift.chaos.history.Outcome;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/// No claim is told that there is no work while an item waits for sure, from before the call until
/// after its answer (RELIABILITY L3: such an answer is about all items, so that no search of one
/// item sees it). A claim without an answer may hold any one of those that wait: where there are as
/// many as items, nothing can be told. All items of a run are for all of its workers.
final class EmptyQueuesAreEmpty implements Check {
  @Override
  public String source() {
    return "L3";
  }

  @Override
  public Set<Part> parts() {
    return EnumSet.of(Part.OPERATIONS);
  }

  @Override
  public boolean gapsAccuse() {
    return true;
  }

  /// An item that waits for sure between two times.
  private record Wait(Operation from, long until) {
    /// Whether it is that of a new item, from before the call.
    boolean begins(Operation claim) {
      return from.kind() == Kind.SUBMIT && from.returnedNanos() < claim.invokedNanos();
    }

    boolean during(Operation claim) {
      return from.returnedNanos() < claim.invokedNanos() && until > claim.returnedNanos();
    }
  }

  @Override
  public Result of(RunEvidence run) {
    List<Operation> operations = run.history().operations();
    List<Operation> empty =
        operations.stream()
            .filter(o -> o.kind() == Kind.CLAIM && o.ok() && o.key().isEmpty())
            .toList();
    if (empty.isEmpty()) {
      return Result.notConcerned(this, "no claim was told that there is no work");
    }
    List<Wait> waits = waits(operations);
    var findings = new ArrayList<Finding>();
    int judged = 0;
    for (Operation claim : empty) {
      long held =
          operations.stream()
              .filter(o -> o.kind() == Kind.CLAIM && o.outcome() == Outcome.UNKNOWN)
              .filter(o -> o.invokedNanos() < claim.returnedNanos())
              .count();
      long put = waits.stream().filter(wait -> wait.begins(claim)).count();
      judged += put > held ? 1 : 0;
      List<Operation> waiting =
          waits.stream().filter(wait -> wait.during(claim)).map(Wait::from).toList();
      if (waiting.size() > held) {
        findings.add(hidden(claim, waiting, held));
      }
    }
    String evidence =
        "%d claims that found nothing, %d of them behind more submits than claims without an answer"
            .formatted(empty.size(), judged);
    return judged == 0 && findings.isEmpty()
        ? Result.notConcerned(this, evidence)
        : Result.of(this, evidence, findings);
  }

  private static List<Wait> waits(List<Operation> operations) {
    Map<String, List<Operation>> byItem = new TreeMap<>();
    for (Operation one : operations) {
      if (!one.key().isEmpty() && Items.aboutItems(one.kind())) {
        byItem.computeIfAbsent(one.key(), _ -> new ArrayList<>()).add(one);
      }
    }
    var waits = new ArrayList<Wait>();
    for (List<Operation> item : byItem.values()) {
      item.stream()
          .filter(EmptyQueuesAreEmpty::puts)
          .forEach(put -> waits.add(new Wait(put, taken(item, put))));
    }
    return waits;
  }

  /// Behind it the item waits.
  private static boolean puts(Operation operation) {
    return operation.ok()
        && switch (operation.kind()) {
          case SUBMIT, RELEASE, REQUEUE -> true;
          case FAIL -> operation.answer().state().equals(Life.PENDING);
          default -> false;
        };
  }

  /// When the item may be taken out of the queue again at the earliest.
  private static long taken(List<Operation> item, Operation put) {
    return item.stream()
        .filter(o -> o.kind() == Kind.CLAIM || o.kind() == Kind.CANCEL)
        .filter(o -> o.outcome() != Outcome.FAIL && o.returnedNanos() > put.invokedNanos())
        .mapToLong(Operation::invokedNanos)
        .min()
        .orElse(Operation.NEVER);
  }

  private static Finding hidden(Operation claim, List<Operation> waiting, long held) {
    var text =
        new StringBuilder(
            "there was no work for %s, and %d items waited"
                .formatted(claim.client(), waiting.size()));
    if (held > 0) {
      text.append(" of which ").append(held).append(" claims without an answer may hold one each");
    }
    text.append(":\n  ").append(claim);
    waiting.stream().limit(3).forEach(put -> text.append("\n  ").append(put));
    var told = new ArrayList<Operation>(List.of(claim));
    waiting.stream().limit(3).forEach(told::add);
    return Finding.of(text.toString(), told);
  }
}
