package io.ringrift.benchmarks;

import java.util.Arrays;
import java.util.Collection;

/// Times of one slot's operations in nanoseconds. One writer at a time.
final class Samples {
  private long[] nanos = new long[1024];
  private int size;

  void add(long value) {
    if (size == nanos.length) {
      nanos = Arrays.copyOf(nanos, 2 * size);
    }
    nanos[size++] = value;
  }

  /// All of them in ascending order.
  static long[] sorted(Collection<Samples> all) {
    return all.stream().flatMapToLong(s -> Arrays.stream(s.nanos, 0, s.size)).sorted().toArray();
  }
}
