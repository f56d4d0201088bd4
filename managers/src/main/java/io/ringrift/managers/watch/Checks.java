package io.ringrift.managers.watch;

import io.ringrift.kernel.Pure;
import io.ringrift.kernel.Refusal;
import java.time.Duration;

/// Rules that settings keep to.
@Pure
final class Checks {
  private Checks() {}

  static void positive(String field, Duration value) {
    require(value.isPositive(), field, value, "positive");
  }

  static void notNegative(String field, Duration value) {
    require(!value.isNegative(), field, value, "0 or more");
  }

  static void percent(String field, double value) {
    require(value >= 0 && value <= 100, field, value, "0 to 100");
  }

  static void atLeast(String field, int value, int least) {
    require(value >= least, field, value, "at least " + least);
  }

  /// @throws Refusal INVALID_ARGUMENT naming field, value and rule
  static void require(boolean holds, String field, Object value, String rule) {
    if (!holds) {
      throw Refusal.invalid(field, value.toString(), rule);
    }
  }
}
