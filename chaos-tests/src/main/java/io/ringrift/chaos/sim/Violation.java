package io.ringrift.chaos.sim;

import java.util.List;

/// An invariant that does not hold.
///
/// @param at virtual nanoseconds from the start
/// @param lastLines the newest lines of the trace
public record Violation(
    long seed, long at, String invariant, String details, List<String> lastLines) {
  private static final String SAME_RUN = "SameSeedSameRun";

  /// That a seed broke something, and another thing or nothing when it ran again.
  static Violation ofTwoRuns(Violation first, String again) {
    return new Violation(
        first.seed,
        first.at,
        SAME_RUN,
        first.invariant + " was broken (" + first.details + "), and the same seed again: " + again,
        List.of());
  }

  /// Whether the seed breaks it each time.
  public boolean comesAgain() {
    return !invariant.equals(SAME_RUN);
  }

  @Override
  public String toString() {
    return "seed %d at %.6f s: %s: %s".formatted(seed, at / 1e9, invariant, details);
  }
}
