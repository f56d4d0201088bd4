package io.ringrift.managers.status;

import io.ringrift.kernel.Refusal;
import java.time.Duration;

/// Bounds of the collection (SPEC 5.8).
///
/// @param timeout longest wait for one block
/// @param maxConcurrent blocks asked at once, those that never answered included
/// @param cacheFor how long a collection is shown again
public record CollectorConfig(Duration timeout, int maxConcurrent, Duration cacheFor) {
  public static final CollectorConfig DEFAULT =
      new CollectorConfig(Duration.ofSeconds(2), 20, Duration.ofSeconds(1));

  /// @throws Refusal INVALID_ARGUMENT naming the value out of range
  public CollectorConfig {
    if (!timeout.isPositive()) {
      throw Refusal.invalid("status.timeout", timeout.toString(), "positive");
    }
    if (maxConcurrent < 1) {
      throw Refusal.invalid("status.max_concurrent", "" + maxConcurrent, "1 or more");
    }
    if (cacheFor.isNegative() || cacheFor.toMillis() > 2000) {
      throw Refusal.invalid("status.cache", cacheFor.toString(), "0 to 2 s");
    }
  }
}
