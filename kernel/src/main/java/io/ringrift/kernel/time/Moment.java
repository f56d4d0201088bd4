package io.ringrift.kernel.time;

import java.time.Duration;

/// A point on one process's monotonic clock, in nanoseconds from an arbitrary origin. Decides
/// leases and timeouts; means nothing on another process. Arithmetic saturates.
public record Moment(long nanos) implements Comparable<Moment> {
  /// Before every other moment.
  public static final Moment MIN = new Moment(Long.MIN_VALUE);

  /// After every other moment.
  public static final Moment MAX = new Moment(Long.MAX_VALUE);

  public Moment plus(Duration span) {
    return new Moment(saturatedAdd(nanos, span.toNanos()));
  }

  public Moment minus(Duration span) {
    return new Moment(saturatedAdd(nanos, -span.toNanos()));
  }

  /// Time from `earlier` to this moment; negative when `earlier` is later.
  public Duration since(Moment earlier) {
    if (this.equals(MIN) || earlier.equals(MAX)) {
      return Duration.ofNanos(Long.MIN_VALUE);
    }
    if (earlier.equals(MIN) || this.equals(MAX)) {
      return Duration.ofNanos(Long.MAX_VALUE);
    }
    return Duration.ofNanos(nanos - earlier.nanos);
  }

  public boolean isBefore(Moment other) {
    return nanos < other.nanos;
  }

  public boolean isAfter(Moment other) {
    return nanos > other.nanos;
  }

  /// The later of the two.
  public Moment max(Moment other) {
    return isAfter(other) ? this : other;
  }

  @Override
  public int compareTo(Moment other) {
    return Long.compare(nanos, other.nanos);
  }

  private static long saturatedAdd(long a, long b) {
    long sum = a + b;
    if (((a ^ sum) & (b ^ sum)) < 0) {
      return b > 0 ? Long.MAX_VALUE : Long.MIN_VALUE;
    }
    return sum;
  }
}
