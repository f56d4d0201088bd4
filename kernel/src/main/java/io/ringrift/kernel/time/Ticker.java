package io.ringrift.kernel.time;

/// Source of monotonic time. Never blocks, never falls; safe for any thread.
@FunctionalInterface
public interface Ticker {
  /// This moment.
  Moment now();

  /// The process's own monotonic clock. An origin of its own keeps moments far from the ends of the
  /// range.
  static Ticker system() {
    long origin = System.nanoTime();
    return () -> new Moment(System.nanoTime() - origin);
  }
}
