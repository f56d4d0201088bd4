package io.ringrift.chaos.check;

import io.ringrift.chaos.evidence.Part;
import io.ringrift.chaos.evidence.RunEvidence;
import java.util.EnumSet;
import java.util.Set;

/// No process, mount or rule of the run outlives it, and no node an orderly stop.
final class NothingIsLeftBehind implements Check {
  @Override
  public String source() {
    return "clean-up";
  }

  @Override
  public Set<Part> parts() {
    return EnumSet.of(Part.LEFTOVERS);
  }

  @Override
  public Result of(RunEvidence run) {
    return Result.of(
        this,
        run.leftovers().size() + " leftovers",
        run.leftovers().stream().map(Finding::of).toList());
  }
}
