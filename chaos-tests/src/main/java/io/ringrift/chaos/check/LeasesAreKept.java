package io.ringrift.chaos.check;

import io.ringrift.chaos.evidence.Part;
import io.ringrift.chaos.evidence.RunEvidence;
import io.ringrift.chaos.history.Kind;
import io.ringrift.chaos.history.Operation;
import io.ringrift.chaos.history.Outcome;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// A claimed item is given to nobody else before its lease has run out, tokens of an item rise, and
/// a token has one claimant (RELIABILITY J1, C.3 L2). Cheap beside the search, and names the
/// claims. Where no item was claimed twice, nothing is shown.
final class LeasesAreKept implements Check {
  private static final Set<Kind> ENDS =
      EnumSet.of(Kind.COMPLETE, Kind.FAIL, Kind.RELEASE, Kind.CANCEL, Kind.REQUEUE);

  @Override
  public String source() {
    return "J1, L2";
  }

  @Override
  public Set<Part> parts() {
    return EnumSet.of(Part.OPERATIONS);
  }

  @Override
  public boolean gapsAccuse() {
    return true;
  }

  @Override
  public Result of(RunEvidence run) {
    // Clocks of nodes may be a tenth faster than the one of the clients.
    long lease = run.setting().claimLease().toNanos() / 10 * 9;
    var findings = new ArrayList<Finding>();
    int looked = 0;
    int pairs = 0;
    for (Map.Entry<String, List<Operation>> item : Items.of(run).entrySet()) {
      List<Operation> claims =
          item.getValue().stream()
              .filter(o -> o.kind() == Kind.CLAIM && o.ok())
              .sorted(Comparator.comparingLong((Operation o) -> o.answer().token()))
              .toList();
      looked += claims.size();
      pairs += Math.max(0, claims.size() - 1);
      for (int i = 1; i < claims.size(); i++) {
        pair(item.getValue(), claims.get(i - 1), claims.get(i), lease, findings);
      }
    }
    return pairs == 0
        ? Result.notConcerned(this, "of " + looked + " claims none came behind another of one item")
        : Result.of(this, looked + " claims, " + pairs + " behind another", findings);
  }

  private static void pair(
      List<Operation> item, Operation one, Operation next, long lease, List<Finding> findings) {
    if (one.answer().token() == next.answer().token()) {
      findings.add(about("has one token for two claims", one, next));
      return;
    }
    if (next.returnedNanos() < one.invokedNanos()) {
      findings.add(about("got a lesser token for the later claim", one, next));
      return;
    }
    if (item.stream().anyMatch(o -> mayEnd(o, one, next))) {
      return;
    }
    long from =
        item.stream()
            .filter(o -> o.kind() == Kind.RENEW && o.ok() && o.token() == one.answer().token())
            .mapToLong(Operation::invokedNanos)
            .reduce(one.invokedNanos(), Math::max);
    if (next.returnedNanos() - from < lease) {
      findings.add(
          about(
              "was given away " + Times.text(next.returnedNanos() - from) + " into its lease",
              one,
              next));
    }
  }

  /// Operations that take the item out of the claim's hand, when they took effect between the two.
  private static boolean mayEnd(Operation operation, Operation claim, Operation next) {
    boolean own =
        operation.token() == claim.answer().token()
            || operation.kind() == Kind.CANCEL
            || operation.kind() == Kind.REQUEUE;
    return own
        && ENDS.contains(operation.kind())
        && operation.outcome() != Outcome.FAIL
        && operation.returnedNanos() >= claim.invokedNanos()
        && operation.invokedNanos() < next.returnedNanos();
  }

  private static Finding about(String what, Operation one, Operation next) {
    return Finding.of(
        "item " + one.key() + " " + what + ":\n  " + one + "\n  " + next, List.of(one, next));
  }
}
