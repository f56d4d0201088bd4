package io.ringrift.managers.selfplay;

import io.ringrift.kernel.Pure;
import io.ringrift.kernel.time.Moment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What events made of the priorities for a while (SPEC 5.5, table of modifiers). Holds at most
/// `MOST_CONFIGS` configurations and, of each, the failures that can still matter. Not thread-safe.
@Pure
final class Modifiers {
  static final double BOOST = 1.3;
  static final Duration BOOST_LASTS = Duration.ofMinutes(15);
  static final Duration TRAINED_LASTS = Duration.ofMinutes(30);
  static final int MOST_CONFIGS = 256;

  private static final Duration DAY = Duration.ofHours(24);
  private static final double FASTEST = 1.5;
  private static final double SLOWEST = 0.6;

  private final Map<ConfigKey, One> configs = new HashMap<>();

  /// What happened.
  sealed interface Input {
    /// EXPLORATION_BOOST.
    record Explore(double factor, Duration lasts) implements Input {}

    /// TRAINING_COMPLETED.
    record Trained() implements Input {}

    /// PROMOTION_FAILED.
    record PromotionFailed() implements Input {}

    /// MODEL_PROMOTED: earlier failures no longer count.
    record Promoted() implements Input {}

    /// SELFPLAY_RATE_CHANGED.
    record Rate(double rate) implements Input {}

    /// ELO_VELOCITY_CHANGED.
    record Velocity(Trend trend) implements Input {}
  }

  /// How the Elo of a configuration moves.
  enum Trend {
    ACCELERATING,
    DECELERATING,
    STABLE
  }

  /// What holds at a moment.
  ///
  /// @param exploration factor, 1 without a boost
  /// @param explorationLeft zero without a boost
  /// @param trained factor, 1 without a boost
  /// @param penalty factor, 1 without one
  /// @param rate 1 is neutral
  /// @param sinceTraining empty when no training is known
  record Active(
      double exploration,
      Duration explorationLeft,
      double trained,
      double penalty,
      double rate,
      Optional<Duration> sinceTraining) {
    static final Active NONE = new Active(1, Duration.ZERO, 1, 1, 1, Optional.empty());
  }

  private static final class One {
    private double exploration = 1;
    private Moment explorationEnds = Moment.MIN;
    private Optional<Moment> trained = Optional.empty();
    private final List<Moment> failures = new ArrayList<>();
    private double rate = 1;
  }

  /// Takes an event over. One of a configuration too many is passed over.
  ///
  /// @param at when it happened
  void apply(Moment at, ConfigKey config, Input input) {
    if (!configs.containsKey(config) && configs.size() >= MOST_CONFIGS) {
      return;
    }
    One one = configs.computeIfAbsent(config, _ -> new One());
    switch (input) {
      case Input.Explore(var factor, var lasts) -> {
        one.exploration = factor;
        one.explorationEnds = at.plus(lasts);
      }
      case Input.Trained() -> one.trained = Optional.of(at);
      case Input.PromotionFailed() -> fail(one, at);
      case Input.Promoted() -> one.failures.clear();
      case Input.Rate(var rate) -> one.rate = rate;
      case Input.Velocity(var trend) -> one.rate = moved(one.rate, trend);
    }
  }

  /// The newest three decide.
  private static void fail(One one, Moment at) {
    one.failures.add(at);
    if (one.failures.size() > 3) {
      one.failures.removeFirst();
    }
  }

  private static double moved(double rate, Trend trend) {
    return switch (trend) {
      case ACCELERATING -> Math.max(rate, Math.min(FASTEST, rate * 1.2));
      case DECELERATING -> Math.min(rate, Math.max(SLOWEST, rate * 0.85));
      case STABLE -> rate + 0.05 * (1 - rate);
    };
  }

  /// What holds for a configuration.
  Active of(Moment now, ConfigKey config) {
    One one = configs.get(config);
    if (one == null) {
      return Active.NONE;
    }
    boolean exploring = now.isBefore(one.explorationEnds);
    return new Active(
        exploring ? one.exploration : 1,
        exploring ? one.explorationEnds.since(now) : Duration.ZERO,
        one.trained.filter(at -> now.isBefore(at.plus(TRAINED_LASTS))).isPresent() ? BOOST : 1,
        penalty(one, now),
        one.rate,
        one.trained.map(now::since));
  }

  private static double penalty(One one, Moment now) {
    long failures = one.failures.stream().filter(at -> now.since(at).compareTo(DAY) < 0).count();
    if (failures == 0) {
      return 1;
    }
    long lasts = failures == 1 ? 1800 : failures == 2 ? 3600 : 7200;
    double factor = failures == 1 ? 0.7 : failures == 2 ? 0.5 : 0.3;
    Moment ends = one.failures.getLast().plus(Duration.ofSeconds(lasts));
    return now.isBefore(ends) ? factor : 1;
  }

  /// Configurations with an exploration boost now.
  long exploring(Moment now) {
    return configs.values().stream().filter(one -> now.isBefore(one.explorationEnds)).count();
  }
}
