package io.ringrift.managers.watch;

import io.ringrift.kernel.Pure;
import io.ringrift.kernel.time.Moment;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.OptionalDouble;

/// Figures over a window of time and the straight line through them, by least squares (SPEC 6,
/// PredictiveMonitoring). Holds a bounded number of samples; the oldest make room.
@Pure
final class Trend {
  static final int MOST_SAMPLES = 256;
  static final int FEWEST_SAMPLES = 3;
  private static final double NANOS_PER_HOUR = 3600e9;

  private record Sample(Moment at, double value) {}

  private final Duration window;
  private final ArrayDeque<Sample> samples = new ArrayDeque<>();

  Trend(Duration window) {
    this.window = window;
  }

  void add(Moment now, double value) {
    samples.addLast(new Sample(now, value));
    while (samples.size() > MOST_SAMPLES
        || now.since(samples.getFirst().at()).compareTo(window) > 0) {
      samples.removeFirst();
    }
  }

  int size() {
    return samples.size();
  }

  /// When the last sample came; `Moment.MIN` before the first.
  Moment last() {
    return samples.isEmpty() ? Moment.MIN : samples.getLast().at();
  }

  /// Change per hour; none for fewer than three samples or samples of one moment.
  OptionalDouble slopePerHour() {
    if (samples.size() < FEWEST_SAMPLES) {
      return OptionalDouble.empty();
    }
    Moment origin = samples.getFirst().at();
    double n = samples.size();
    double meanX = samples.stream().mapToDouble(s -> hours(s, origin)).sum() / n;
    double meanY = samples.stream().mapToDouble(Sample::value).sum() / n;
    double above = 0;
    double below = 0;
    for (Sample sample : samples) {
      double x = hours(sample, origin) - meanX;
      above += x * (sample.value() - meanY);
      below += x * x;
    }
    return below == 0 ? OptionalDouble.empty() : OptionalDouble.of(above / below);
  }

  private static double hours(Sample sample, Moment origin) {
    return sample.at().since(origin).toNanos() / NANOS_PER_HOUR;
  }
}
