package io.ringrift.chaos.check;

import io.ringrift.chaos.evidence.FaultBand;
import io.ringrift.chaos.evidence.Part;
import io.ringrift.chaos.evidence.RunEvidence;
import io.ringrift.chaos.scenario.FaultKind;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/// Every fault shows that it happened: a run whose faults did nothing proves nothing (RELIABILITY,
/// section F).
final class FaultsTookEffect implements Check {
  @Override
  public String source() {
    return "F";
  }

  @Override
  public Set<Part> parts() {
    return EnumSet.of(Part.FAULTS);
  }

  /// Nothing may be on its way in one of the short isolations of a link that flaps; in one of them
  /// something has to be.
  private static boolean isPartOfAFlap(RunEvidence run, FaultBand fault) {
    return Kinds.is(fault, FaultKind.ISOLATE)
        && run.faults().stream()
            .anyMatch(
                other ->
                    other.name().equals(fault.name())
                        && other.targets().equals(fault.targets())
                        && !other.effect().isEmpty());
  }

  @Override
  public Result of(RunEvidence run) {
    List<String> silent =
        run.faults().stream()
            .filter(fault -> fault.effect().isEmpty() && !isPartOfAFlap(run, fault))
            .map(fault -> fault.name() + " at " + Times.text(fault.fromNanos()))
            .toList();
    if (run.faults().isEmpty()) {
      return Result.notConcerned(this, "the run has no faults");
    }
    return silent.isEmpty()
        ? Result.of(this, run.faults().size() + " faults", List.of())
        : Result.undecided(this, "nothing shows that these happened: " + String.join(", ", silent));
  }
}
