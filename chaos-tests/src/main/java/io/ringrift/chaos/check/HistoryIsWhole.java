package io.ringrift.chaos.check;

import io.ringrift.chaos.evidence.RunEvidence;
import io.ringrift.chaos.history.Operation;
import io.ringrift.chaos.history.Outcome;
import java.util.List;

/// No operation of a client is missing in the history; tells how many have no known outcome.
final class HistoryIsWhole implements Check {
  @Override
  public String source() {
    return "C.0";
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
    return Result.of(
        this,
        "%d operations: %d ok, %d refused, %d unknown"
            .formatted(
                all.size(),
                count(all, Outcome.OK),
                count(all, Outcome.FAIL),
                count(all, Outcome.UNKNOWN)),
        List.of());
  }

  private static long count(List<Operation> all, Outcome outcome) {
    return all.stream().filter(o -> o.outcome() == outcome).count();
  }
}
