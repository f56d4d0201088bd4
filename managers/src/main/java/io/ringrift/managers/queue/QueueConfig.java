package io.ringrift.managers.queue;

import io.ringrift.kernel.Refusal;
import java.time.Duration;

/// What can be set about the queue's service.
///
/// @param maintenance gap between rounds that end overdue claims; bounds how late an expired lease
///   is noticed
/// @param keepEnded how long ended items are kept (SPEC 6)
/// @param stallAfter pending work without any held for this long counts as a stall
/// @param mostWaiters claims that may wait for work at once
/// @param longestWait longest wait of one claim
public record QueueConfig(
    Duration maintenance,
    Duration keepEnded,
    Duration stallAfter,
    int mostWaiters,
    Duration longestWait) {
  /// @throws Refusal INVALID_ARGUMENT naming the value out of range
  public QueueConfig {
    positive("queue.maintenance", maintenance);
    positive("queue.keep_ended", keepEnded);
    positive("queue.stall_after", stallAfter);
    positive("queue.longest_wait", longestWait);
    if (mostWaiters < 1) {
      throw Refusal.invalid("queue.most_waiters", Integer.toString(mostWaiters), "at least 1");
    }
  }

  private static void positive(String field, Duration value) {
    if (!value.isPositive()) {
      throw Refusal.invalid(field, value.toString(), "positive");
    }
  }

  public static QueueConfig defaults() {
    return new QueueConfig(
        Duration.ofSeconds(5),
        Duration.ofHours(24),
        Duration.ofMinutes(5),
        1000,
        Duration.ofSeconds(30));
  }

  /// The same with another gap between rounds of maintenance.
  public QueueConfig withMaintenance(Duration gap) {
    return new QueueConfig(gap, keepEnded, stallAfter, mostWaiters, longestWait);
  }
}
