package io.ringrift.chaos.check;

import io.ringrift.chaos.evidence.Part;
import io.ringrift.chaos.evidence.RunEvidence;
import java.util.List;
import java.util.Set;

/// One invariant over the evidence of a run.
interface Check {
  /// Name of the invariant.
  default String name() {
    return getClass().getSimpleName();
  }

  /// Its numbers in the list of invariants.
  String source();

  /// What it looks at.
  Set<Part> parts();

  /// Whether something that is missing in a part can look like a break.
  default boolean gapsAccuse() {
    return false;
  }

  /// What the evidence says, taken as whole.
  Result of(RunEvidence run);

  /// What the evidence says, where a part may be cut: that nothing wrong is in what is left proves
  /// nothing.
  default Result judge(RunEvidence run) {
    Result result = of(run);
    List<String> cut = parts().stream().filter(run::lacks).map(Part::words).sorted().toList();
    boolean stands =
        result.status() == Status.UNDECIDED
            || (result.status() == Status.VIOLATED && !gapsAccuse());
    return cut.isEmpty() || stands
        ? result
        : Result.undecided(
            this,
            "later entries of these lists are missing: "
                + String.join(", ", cut)
                + "; without them: "
                + result.evidence());
  }
}
