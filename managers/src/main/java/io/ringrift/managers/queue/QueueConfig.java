package io.ringrift.managers.queue;

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
