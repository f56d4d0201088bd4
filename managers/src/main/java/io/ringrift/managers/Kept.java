package io.ringrift.managers;

/// How much the replicated state keeps, for rooms whose own bounds follow from it.
public final class Kept {
  /// Matches of all configurations together; the oldest are forgotten first.
  public static final int MATCHES = 20_000;

  private Kept() {}
}
