package io.ringrift.chaos.check;

import java.time.Duration;
import java.util.Locale;

/// Times of a run for people.
final class Times {
  /// Longest time between what a node said and what the runner noted of it: a status call's limit.
  static final long SLACK = Duration.ofSeconds(2).toNanos();

  /// How far the clock of a node, as the runner knows it, can be from the run's.
  static final long COARSE = Duration.ofMillis(500).toNanos();

  private Times() {}

  /// Seconds since the run's start with three digits.
  static String text(long nanos) {
    return String.format(Locale.ROOT, "%.3f s", nanos / 1e9);
  }

  static String text(Duration duration) {
    return text(duration.toNanos());
  }
}
