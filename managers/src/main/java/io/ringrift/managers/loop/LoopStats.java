package io.ringrift.managers.loop;

import io.ringrift.kernel.Pure;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/// What became of a loop's rounds (SPEC 5.7). Immutable. The times are for people: nothing is
/// decided by them.
///
/// @param consecutiveErrors failures since the last success
/// @param lastError of the last failed round; empty when none failed
/// @param successfulTime length of all successful rounds together
/// @param lastSuccessAt end of the last successful round
/// @param lastErrorAt end of the last failed round
@Pure
public record LoopStats(
    long successfulRuns,
    long failedRuns,
    int consecutiveErrors,
    String lastError,
    Duration lastDuration,
    Duration successfulTime,
    Optional<Instant> lastSuccessAt,
    Optional<Instant> lastErrorAt) {
  /// Before the first round.
  public static final LoopStats NONE =
      new LoopStats(0, 0, 0, "", Duration.ZERO, Duration.ZERO, Optional.empty(), Optional.empty());

  LoopStats succeeded(Duration length, Instant at) {
    return new LoopStats(
        successfulRuns + 1,
        failedRuns,
        0,
        lastError,
        length,
        successfulTime.plus(length),
        Optional.of(at),
        lastErrorAt);
  }

  LoopStats failed(Duration length, String error, Instant at) {
    return new LoopStats(
        successfulRuns,
        failedRuns + 1,
        consecutiveErrors + 1,
        error,
        length,
        successfulTime,
        lastSuccessAt,
        Optional.of(at));
  }

  /// Rounds that ended, well or not.
  public long totalRuns() {
    return successfulRuns + failedRuns;
  }

  /// End of the last round, well or not: the last one failed when failures in a row are counted.
  public Optional<Instant> lastRunAt() {
    return consecutiveErrors > 0 ? lastErrorAt : lastSuccessAt;
  }

  /// Share of successful rounds in percent; 100 before the first.
  public double successRate() {
    return totalRuns() == 0 ? 100 : 100.0 * successfulRuns / totalRuns();
  }

  /// Mean length of the successful rounds.
  public Duration averageDuration() {
    return successfulRuns == 0 ? Duration.ZERO : successfulTime.dividedBy(successfulRuns);
  }
}
