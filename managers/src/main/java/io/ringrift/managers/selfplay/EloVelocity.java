package io.ringrift.managers.selfplay;

import io.ringrift.kernel.Pure;
import io.ringrift.kernel.time.Moment;
import io.ringrift.managers.selfplay.Modifiers.Trend;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;

/// How fast the best of each configuration climbs its ladder, and when that is worth an event (SPEC
/// 8, ELO_VELOCITY_CHANGED). Velocity is Elo an hour over the window. One that differs from the
/// velocity told last by `STEP` is told; one that has stayed near it for `LEAST` is told once as
/// stable. The first velocity is what later ones are measured by, and is not told. Not thread-safe.
@Pure
final class EloVelocity {
  static final Duration WINDOW = Duration.ofHours(6);

  /// Shortest stretch that a velocity is taken from: a single match moves an Elo by up to 16.
  static final Duration LEAST = Duration.ofHours(3);

  /// Elo an hour.
  static final double STEP = 5;

  /// Samples are this far apart, so that a window holds at most 73.
  private static final Duration APART = Duration.ofMinutes(5);

  private final Map<ConfigKey, One> configs = new HashMap<>();

  /// An event to record.
  ///
  /// @param velocity Elo an hour
  /// @param number of the changes of this configuration, from 1
  record Change(ConfigKey config, double velocity, Trend trend, int number) {
    Map<String, String> attributes() {
      return Map.of(
          "config_key", config.toString(),
          "velocity", String.format(Locale.ROOT, "%.1f", velocity),
          "trend", trend.name().toLowerCase(Locale.ROOT));
    }
  }

  private record Sample(Moment at, double elo) {}

  private static final class One {
    private final Deque<Sample> samples = new ArrayDeque<>();
    private OptionalDouble told = OptionalDouble.empty();
    private Trend trend = Trend.STABLE;
    private Moment toldAt = Moment.MIN;
    private int changes;
  }

  /// Takes what the ladders show now. A change is the same at every step until it was told.
  ///
  /// @param best greatest Elo of each configuration that is played; empty where it is not known
  List<Change> step(Moment now, Map<ConfigKey, OptionalDouble> best) {
    configs.keySet().retainAll(best.keySet());
    var changes = new ArrayList<Change>();
    best.forEach(
        (config, elo) -> {
          if (elo.isPresent()) {
            One one = configs.computeIfAbsent(config, _ -> new One());
            var velocity = velocity(one, new Sample(now, elo.getAsDouble()));
            velocity.ifPresent(v -> judge(now, config, one, v, changes));
          }
        });
    return changes;
  }

  private static OptionalDouble velocity(One one, Sample newest) {
    var samples = one.samples;
    while (!samples.isEmpty() && newest.at().since(samples.getFirst().at()).compareTo(WINDOW) > 0) {
      samples.removeFirst();
    }
    if (samples.isEmpty() || newest.at().since(samples.getLast().at()).compareTo(APART) >= 0) {
      samples.addLast(newest);
    }
    Sample oldest = samples.getFirst();
    Duration span = newest.at().since(oldest.at());
    return span.compareTo(LEAST) < 0
        ? OptionalDouble.empty()
        : OptionalDouble.of((newest.elo() - oldest.elo()) * 3_600_000 / span.toMillis());
  }

  private static void judge(
      Moment now, ConfigKey config, One one, double velocity, List<Change> changes) {
    if (one.told.isEmpty()) {
      one.told = OptionalDouble.of(velocity);
      one.toldAt = now;
      return;
    }
    double moved = velocity - one.told.getAsDouble();
    int number = one.changes + 1;
    if (Math.abs(moved) >= STEP) {
      var trend = moved > 0 ? Trend.ACCELERATING : Trend.DECELERATING;
      changes.add(new Change(config, velocity, trend, number));
    } else if (one.trend != Trend.STABLE && now.since(one.toldAt).compareTo(LEAST) >= 0) {
      changes.add(new Change(config, velocity, Trend.STABLE, number));
    }
  }

  /// The change is recorded: from now on it is what others are measured by.
  void told(Moment now, Change change) {
    One one = configs.get(change.config());
    if (one != null) {
      one.told = OptionalDouble.of(change.velocity());
      one.trend = change.trend();
      one.toldAt = now;
      one.changes = change.number();
    }
  }
}
