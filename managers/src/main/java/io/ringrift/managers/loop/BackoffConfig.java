package io.ringrift.managers.loop;

import io.ringrift.kernel.Pure;
import io.ringrift.kernel.Refusal;
import java.time.Duration;

/// Pause after failed rounds: exponential with a ceiling and jitter (SPEC 5.7).
///
/// @param jitter greatest share by which a delay is stretched or shortened, 0 to 1
@Pure
public record BackoffConfig(Duration initial, Duration max, double multiplier, double jitter) {
  /// The seeds' figures.
  public static final BackoffConfig DEFAULT =
      new BackoffConfig(Duration.ofSeconds(1), Duration.ofSeconds(300), 2, 0.1);

  /// @throws Refusal INVALID_ARGUMENT naming the value out of range
  public BackoffConfig {
    require(initial.isPositive(), "backoff.initial", initial, "positive");
    require(max.compareTo(initial) >= 0, "backoff.max", max, "at least backoff.initial");
    require(multiplier > 1, "backoff.multiplier", multiplier, "above 1");
    require(jitter >= 0 && jitter <= 1, "backoff.jitter", jitter, "0 to 1");
  }

  /// The same with other ends.
  BackoffConfig within(Duration first, Duration longest) {
    return new BackoffConfig(first, longest, multiplier, jitter);
  }

  /// Pause after the n-th failure in a row; none after no failure.
  ///
  /// @param chance uniform in [0, 1), handed in
  public Duration delay(int failures, double chance) {
    if (failures <= 0) {
      return Duration.ZERO;
    }
    double ceiling = max.toNanos();
    double delay = Math.min(ceiling, initial.toNanos() * Math.pow(multiplier, failures - 1.0));
    return Duration.ofNanos((long) (delay * (1 + jitter * (2 * chance - 1))));
  }

  private static void require(boolean holds, String field, Object value, String rule) {
    if (!holds) {
      throw Refusal.invalid(field, value.toString(), rule);
    }
  }
}
