package io.ringrift.managers.sync;

import io.ringrift.kernel.time.Moment;
import java.time.Duration;

/// A bandwidth that several transfers share: each tells what it received, and learns when it may go
/// on. Over any time it lets through what is allowed in that time, and beyond that no more than a
/// tenth of a second's worth and what each transfer holds in its hand. Safe for any thread.
final class Bandwidth {
  /// Unused bandwidth is kept for so long, so that a transfer makes up for its waits on the
  /// network.
  private static final Duration KEPT = Duration.ofMillis(100);

  private static final long NANOS = 1_000_000_000L;

  private final long bytesPerSecond;
  private Moment free;

  /// @param bytesPerSecond 0 means no cap
  Bandwidth(long bytesPerSecond, Moment now) {
    this.bytesPerSecond = bytesPerSecond;
    this.free = now;
  }

  /// When whoever received so many bytes may receive more.
  synchronized Moment due(Moment now, int bytes) {
    if (bytesPerSecond == 0) {
      return now;
    }
    Moment earliest = now.minus(KEPT);
    Moment from = free.isBefore(earliest) ? earliest : free;
    free = from.plus(Duration.ofNanos(bytes * NANOS / bytesPerSecond));
    return free;
  }
}
