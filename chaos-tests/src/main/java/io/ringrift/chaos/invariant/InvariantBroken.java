package io.ringrift.chaos.invariant;

/// An invariant does not hold. Ends the simulation that found it.
public final class InvariantBroken extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String invariant;

  InvariantBroken(Named invariant, String details) {
    super(details);
    this.invariant = invariant.name();
  }

  /// Name of the invariant's class.
  public String invariant() {
    return invariant;
  }

  /// What was seen.
  public String details() {
    String message = getMessage();
    return message == null ? "" : message;
  }
}
