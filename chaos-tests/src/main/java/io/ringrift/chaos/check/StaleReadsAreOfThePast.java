package io.ringrift.chaos.check;

import io.ringrift.chaos.evidence.FaultBand;
import io.ringrift.chaos.evidence.Part;
import io.ringrift.chaos.evidence.RunEvidence;
import io.ringrift.chaos.history.Operation;
import io.ringrift.chaos.scenario.FaultKind;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/// A read that may be old shows something that was: an item as somebody had asked for by then; at
/// one node, while it runs, never something older than before; and whoever tells of one index of
/// the ledger tells the same, and of a later one something that may follow (RELIABILITY L1: these
/// reads are labelled, and no part of the search). How old it may be is not promised: that is
/// measured and told. Behind a change of the mode or of the voters another log or another copy
/// answers, so that what comes then is compared with nothing.
final class StaleReadsAreOfThePast implements Check {
  private static final Set<String> ANEW =
      Kinds.words(FaultKind.SWITCH_MODE, FaultKind.REMOVE_VOTER, FaultKind.ADD_VOTER);

  @Override
  public String source() {
    return "L1";
  }

  @Override
  public Set<Part> parts() {
    return EnumSet.of(Part.OPERATIONS, Part.FAULTS, Part.EVENTS, Part.SAMPLES);
  }

  @Override
  public boolean gapsAccuse() {
    return true;
  }

  @Override
  public Result of(RunEvidence run) {
    long end =
        run.faults().stream()
            .filter(fault -> ANEW.contains(fault.name()))
            .mapToLong(FaultBand::fromNanos)
            .min()
            .orElse(Long.MAX_VALUE);
    List<Operation> told =
        run.history().operations().stream()
            .filter(o -> o.reads() && o.ok() && o.returnedNanos() <= end)
            .toList();
    List<Operation> old = told.stream().filter(Operation::mayBeOld).toList();
    if (old.isEmpty()) {
      return Result.notConcerned(this, "no read that may be old was answered");
    }
    var findings = new ArrayList<Finding>();
    NodeReads.check(run, old, findings);
    IndexedReads.check(told, findings);
    long behind = AskedFor.check(run, old, findings);
    return Result.of(
        this,
        "%d reads at %d nodes; the oldest was %s behind what clients had been told"
            .formatted(
                old.size(),
                old.stream().map(Operation::node).distinct().count(),
                Times.text(behind)),
        findings);
  }
}
