package io.ringrift.chaos.check;

import io.ringrift.chaos.evidence.Part;
import io.ringrift.chaos.evidence.RunEvidence;
import io.ringrift.chaos.history.Kind;
import io.ringrift.chaos.history.Operation;
import io.ringrift.chaos.history.Outcome;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// No operation of a client is missing in the history; tells how many have no known outcome. A run
/// in which no operation was done proves nothing.
final class HistoryIsWhole implements Check {
  @Override
  public String source() {
    return "C.0";
  }

  @Override
  public Set<Part> parts() {
    return EnumSet.of(Part.OPERATIONS);
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
    return ok == 0
        ? Result.undecided(this, counted + ": where nothing was done, nothing was kept")
        : Result.of(this, counted, List.of());
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
