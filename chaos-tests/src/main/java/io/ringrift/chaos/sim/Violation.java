package io.ringrift.chaos.sim;

import java.util.List;

/// An invariant that does not hold.
///
/// @param at virtual nanoseconds from the start
/// @param lastLines the newest lines of the trace
public record Violation(
    long seed, long at, String invariant, String details, List<String> lastLines) {
  @Override
  public String toString() {
    return "seed %d at %.6f s: %s: %s".formatted(seed, at / 1e9, invariant, details);
  }
}
