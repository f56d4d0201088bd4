package io.ringrift.chaos.history;

/// What became of an operation, as far as its client knows.
public enum Outcome {
  /// It took effect.
  OK,
  /// It had no effect, and the server proved that: a refusal of bad input, of a stale claim or of a
  /// stale epoch.
  FAIL,
  /// It may have taken effect, now or later, or never: time-outs, cut connections, errors without
  /// proof.
  UNKNOWN
}
