package io.ringrift.kernel;

/// A member's own version within one process start (SWIM, section 4.2). Only the member itself
/// raises it, to refute a suspicion.
public record Incarnation(long value) implements Comparable<Incarnation> {
  public static final Incarnation ZERO = new Incarnation(0);

  public Incarnation next() {
    return new Incarnation(value + 1);
  }

  public boolean isAfter(Incarnation other) {
    return value > other.value;
  }

  @Override
  public int compareTo(Incarnation other) {
    return Long.compare(value, other.value);
  }

  @Override
  public String toString() {
    return Long.toString(value);
  }
}
