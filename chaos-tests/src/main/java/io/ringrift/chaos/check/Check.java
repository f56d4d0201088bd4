package io.ringrift.chaos.check;

import io.ringrift.chaos.evidence.RunEvidence;

/// One invariant over the evidence of a run.
interface Check {
  /// Name of the invariant.
  default String name() {
    return getClass().getSimpleName();
  }

  /// Its numbers in the list of invariants.
  String source();

  Result of(RunEvidence run);
}
