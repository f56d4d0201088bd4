package io.ringrift.chaos.check;

import io.ringrift.chaos.evidence.RunEvidence;

/// No process, namespace, rule or folder of the run outlives it.
final class NothingIsLeftBehind implements Check {
  @Override
  public String source() {
    return "clean-up";
  }

  @Override
  public Result of(RunEvidence run) {
    return Result.of(
        this,
        run.leftovers().size() + " leftovers",
        run.leftovers().stream().map(what -> Finding.of(what + " is still there")).toList());
  }
}
