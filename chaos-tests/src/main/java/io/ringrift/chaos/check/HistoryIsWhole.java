package io.ringrift.chaos.check;

import io.ringrift.chaos.evidence.Part;
import io.ringrift.chaos.evidence.RunEvidence;
import io.ringrift.chaos.history.Kind;
import io.ringrift.chaos.history.Operation;
import io.ringrift.chaos.history.Outcome;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// No operation of a client is missing in the history; tells how many have no known outcome. A run
/// in which no operation was done proves nothing, nor does one in which more than two of a hundred
/// have no known outcome though no fault was near (RELIABILITY D: a search does not refute above
/// that), or more than a fifth of all.
final class HistoryIsWhole implements Check {
  /// One of so many at most.
  private static final int MOST_OF_CALM = 50;

  private static final int MOST_OF_ALL = 5;

  /// Fewer than that are no share of anything.
  private static final int FEW = 5;

  private static final int ENOUGH = 20;

  /// A call that began so long before a fault had its answer by then.
  private static final long CALL = Duration.ofSeconds(4).toNanos();

  @Override
  public String source() {
    return "C.0";
  }

  @Override
  public Set<Part> parts() {
    return EnumSet.of(Part.OPERATIONS, Part.FAULTS);
  }

  @Override
  public Result of(RunEvidence run) {
    List<Operation> all = run.history().operations();
    long dropped = run.history().dropped();
    if (dropped > 0) {
      return Result.undecided(
          this,
          "the history was full at %d operations, %d more are not in it: shorten the run or ask for less load"
              .formatted(all.size(), dropped));
    }
    long ok = count(all, Outcome.OK);
    String counted =
        "%d operations: %d ok, %d refused, %d unknown"
                .formatted(all.size(), ok, count(all, Outcome.FAIL), count(all, Outcome.UNKNOWN))
            + byKind(all);
    if (ok == 0) {
      return Result.undecided(this, counted + ": where nothing was done, nothing was kept");
    }
    List<Operation> calm = all.stream().filter(operation -> calm(run, operation)).toList();
    long lost = count(calm, Outcome.UNKNOWN);
    if (lost > FEW && lost * MOST_OF_CALM > calm.size()) {
      return Result.undecided(
          this, "%s; %d of %d far from any fault".formatted(counted, lost, calm.size()));
    }
    return all.size() > ENOUGH && MOST_OF_ALL * count(all, Outcome.UNKNOWN) > all.size()
        ? Result.undecided(this, counted + ": too many are unknown")
        : Result.of(this, counted, List.of());
  }

  /// Whether no fault went on or was just over.
  private static boolean calm(RunEvidence run, Operation operation) {
    long after = run.expectations().recoverWithin().toNanos();
    return run.faults().stream()
        .noneMatch(
            fault ->
                operation.invokedNanos() >= fault.fromNanos() - CALL
                    && operation.invokedNanos() <= fault.toNanos() + after);
  }

  /// What was done at all: a kind that is not named was not judged.
  private static String byKind(List<Operation> all) {
    var kinds = new TreeMap<Kind, Long>();
    all.stream().filter(Operation::ok).forEach(o -> kinds.merge(o.kind(), 1L, Long::sum));
    return kinds.isEmpty()
        ? ""
        : kinds.entrySet().stream()
            .map(each -> each.getKey() + " " + each.getValue())
            .collect(Collectors.joining(", ", "; done: ", ""));
  }

  private static long count(List<Operation> all, Outcome outcome) {
    return all.stream().filter(o -> o.outcome() == outcome).count();
  }
}
