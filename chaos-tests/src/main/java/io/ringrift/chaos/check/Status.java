package io.ringrift.chaos.check;

/// What a checker found.
public enum Status {
  KEPT,
  VIOLATED,
  /// The evidence does not suffice, or the search met its bound. No pass.
  UNDECIDED,
  /// The run has nothing that the invariant speaks of.
  NOT_CONCERNED
}
