package io.ringrift.managers.loop;

import io.ringrift.kernel.Pure;
import java.time.Duration;

/// What became of a loop's rounds (SPEC 5.7). Immutable.
///
/// @param consecutiveErrors failures since the last success
/// @param lastError of the last failed round; empty when none failed
/// @param successfulTime length of all successful rounds together
@Pure
public record LoopStats(
    long totalRuns,
    long successfulRuns,
    long failedRuns,
    int consecutiveErrors,
    String lastError,
    Duration lastDuration,
    Duration successfulTime) {
  /// Before the first round.
  public static final LoopStats NONE = new LoopStats(0, 0, 0, 0, "", Duration.ZERO, Duration.ZERO);

  LoopStats succeeded(Duration length) {
    return new LoopStats(
        totalRuns + 1,
        successfulRuns + 1,
        failedRuns,
        0,
        lastError,
        length,
        successfulTime.plus(length));
  }

  LoopStats failed(Duration length, String error) {
    return new LoopStats(
        totalRuns + 1,
        successfulRuns,
        failedRuns + 1,
        consecutiveErrors + 1,
        error,
        length,
        successfulTime);
  }

  /// Share of successful rounds in percent; 100 before the first.
  public double successRate() {
    return totalRuns == 0 ? 100 : 100.0 * successfulRuns / totalRuns;
  }

  /// Mean length of the successful rounds.
  public Duration averageDuration() {
    return successfulRuns == 0 ? Duration.ZERO : successfulTime.dividedBy(successfulRuns);
  }
}
