package io.ringrift.chaos.sim;

import java.util.Optional;

/// What one simulation showed.
///
/// @param virtualNanos virtual time passed, healing included
/// @param healNanos how long healing took; 0 when it did not come to that
/// @param sidesHealNanos how long views and facts took to be equal
/// @param epochs greatest epoch reached
/// @param fingerprint equal runs have equal ones
public record Outcome(
    long seed,
    long events,
    long messages,
    long virtualNanos,
    long healNanos,
    long sidesHealNanos,
    long epochs,
    Tally tally,
    long fingerprint,
    Optional<Violation> violation) {
  Outcome broken(Violation by) {
    return new Outcome(
        seed,
        events,
        messages,
        virtualNanos,
        healNanos,
        sidesHealNanos,
        epochs,
        tally,
        fingerprint,
        Optional.of(by));
  }

  /// What clients and workers were told.
  public record Tally(
      long acknowledged, long refused, long unknown, long reads, long obeyed, long orders) {}
}
