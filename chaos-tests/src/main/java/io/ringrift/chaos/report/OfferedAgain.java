package io.ringrift.chaos.report;

import io.ringrift.chaos.evidence.ItemFinal;
import io.ringrift.chaos.evidence.NodeFinal;
import io.ringrift.chaos.evidence.RunEvidence;
import io.ringrift.chaos.history.Kind;
import io.ringrift.chaos.history.Operation;
import io.ringrift.chaos.history.Outcome;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Which items a split cost their worker: claims that were taken back without a word of the worker,
/// and operations of which nobody knows whether they happened, with what the end shows of both.
final class OfferedAgain {
  /// Most lines of each kind; further ones are counted.
  static final int MOST = 8;

  private static final Set<Kind> GIVEN_BACK = Set.of(Kind.RELEASE, Kind.FAIL, Kind.COMPLETE);

  private final RunEvidence run;
  private final Map<String, ItemFinal> finals = new HashMap<>();
  private final Map<String, List<Operation>> claims = new TreeMap<>();

  /// Claims under which the worker said something that may have ended them.
  private final Set<Held> givenBack = new HashSet<>();

  private record Held(String item, long token) {}

  OfferedAgain(RunEvidence run) {
    this.run = run;
    run.finals().stream()
        .filter(NodeFinal::itemsTold)
        .flatMap(node -> node.items().stream())
        .forEach(item -> finals.putIfAbsent(item.id(), item));
    run.history().operations().stream()
        .filter(o -> o.kind() == Kind.CLAIM && o.ok() && !o.key().isEmpty())
        .forEach(o -> claims.computeIfAbsent(o.key(), _ -> new ArrayList<>()).add(o));
    run.history().operations().stream()
        .filter(o -> GIVEN_BACK.contains(o.kind()) && o.outcome() != Outcome.FAIL)
        .forEach(o -> givenBack.add(new Held(o.key(), o.token())));
    claims.values().forEach(all -> all.sort(Comparator.comparingLong(o -> o.answer().token())));
  }

  /// @param from when the split began
  /// @param to when all agreed again
  List<String> between(long from, long to) {
    var reset = new ArrayList<String>();
    claims.forEach(
        (item, all) -> {
          for (int i = 0; i < all.size(); i++) {
            Operation next = i + 1 < all.size() ? all.get(i + 1) : null;
            reset(item, all.get(i), next, from, to).ifPresent(reset::add);
          }
        });
    List<String> unknown =
        run.history().operations().stream()
            .filter(o -> o.outcome() == Outcome.UNKNOWN && writes(o))
            .filter(o -> o.invokedNanos() >= from && o.invokedNanos() <= to)
            .map(this::unknown)
            .toList();
    var lines = new ArrayList<String>();
    limited(lines, reset, "items were offered again");
    limited(lines, unknown, "operations have no known outcome");
    return lines;
  }

  private static void limited(List<String> lines, List<String> more, String words) {
    more.stream().limit(MOST).forEach(lines::add);
    if (more.size() > MOST) {
      lines.add("and %d more %s".formatted(more.size() - MOST, words));
    }
  }

  private static boolean writes(Operation operation) {
    return !operation.reads() && operation.kind() != Kind.SYNC && operation.kind() != Kind.ORDER;
  }

  private Optional<String> reset(
      String item, Operation claim, @Nullable Operation next, long from, long to) {
    if (claim.invokedNanos() > to || givenBack.contains(new Held(item, claim.answer().token()))) {
      return Optional.empty();
    }
    String had =
        "item %s of %s, token %d, was ".formatted(item, claim.client(), claim.answer().token());
    if (next != null) {
      return next.returnedNanos() < from
          ? Optional.empty()
          : Optional.of(
              had
                  + "reset and offered again: %s got it at %s, token %d; %s"
                      .formatted(
                          next.client(),
                          Html.seconds(next.returnedNanos()),
                          next.answer().token(),
                          end(item)));
    }
    ItemFinal last = finals.get(item);
    return last != null && last.state().equals("PENDING")
        ? Optional.of(had + "reset and waits again at the end")
        : Optional.empty();
  }

  private String unknown(Operation operation) {
    String of = operation.key().isEmpty() ? operation.request() : operation.key();
    return "nobody knows of #%d: %s of %s by %s; %s"
        .formatted(
            operation.number(), operation.kind(), of, operation.client(), end(found(operation)));
  }

  /// A submit without an answer is found by its payload.
  private String found(Operation operation) {
    return finals.values().stream()
        .filter(item -> operation.kind() == Kind.SUBMIT)
        .filter(item -> item.payload().equals(operation.argument()))
        .map(ItemFinal::id)
        .findFirst()
        .orElse(operation.key());
  }

  private String end(String item) {
    ItemFinal last = finals.get(item);
    if (last == null) {
      return finals.isEmpty() ? "no node told its items at the end" : "no such item at the end";
    }
    return "at the end %s is %s%s"
        .formatted(
            item,
            last.state(),
            last.worker().isEmpty()
                ? ""
                : " by %s, token %d".formatted(last.worker(), last.token()));
  }
}
