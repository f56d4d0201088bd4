package io.ringrift.kernel;

/// Cluster-wide leadership number. Strictly greater with every leader; 0 is before the first.
public record Epoch(long value) implements Comparable<Epoch> {
  /// Before the first leader.
  public static final Epoch ZERO = new Epoch(0);

  public Epoch {
    if (value < 0) {
      throw Refusal.invalid("epoch", Long.toString(value), "0 or greater");
    }
  }

  /// The epoch right behind this one.
  public Epoch next() {
    return new Epoch(value + 1);
  }

  public boolean isAfter(Epoch other) {
    return value > other.value;
  }

  public boolean isBefore(Epoch other) {
    return value < other.value;
  }

  /// The greater of the two.
  public Epoch max(Epoch other) {
    return isAfter(other) ? this : other;
  }

  @Override
  public int compareTo(Epoch other) {
    return Long.compare(value, other.value);
  }

  @Override
  public String toString() {
    return Long.toString(value);
  }
}
