package io.ringrift.benchmarks;

import java.util.Comparator;
import java.util.List;

/// What one run of a load did.
///
/// @param operations acknowledged ones
/// @param p50 of their times in milliseconds
/// @param p99 of their times in milliseconds
/// @param failures operations that were refused or lost; such a run is no measurement
/// @param serverMicros processor time of the servers for each operation
/// @param othersPercent of one core, taken by programs that are neither servers nor this one
record Rates(
    long operations,
    double seconds,
    double p50,
    double p99,
    long failures,
    double serverMicros,
    double othersPercent) {
  double perSecond() {
    return operations / seconds;
  }

  static Rates of(long[] sortedNanos, double seconds, long failures, Processor spent) {
    int n = sortedNanos.length;
    return new Rates(
        n,
        seconds,
        at(sortedNanos, 0.5),
        at(sortedNanos, 0.99),
        failures,
        n == 0 ? 0 : spent.servers() * 1e6 / n,
        spent.others() * 100 / seconds);
  }

  private static double at(long[] sortedNanos, double share) {
    return sortedNanos.length == 0 ? 0 : sortedNanos[(int) (sortedNanos.length * share)] / 1e6;
  }

  /// The run in the middle by rate.
  static Rates median(List<Rates> runs) {
    return runs.stream()
        .sorted(Comparator.comparingDouble(Rates::perSecond))
        .toList()
        .get(runs.size() / 2);
  }
}
