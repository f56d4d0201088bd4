package io.ringrift.managers.state;

import java.time.Duration;

/// What can be set about the state.
///
/// @param queueSoftLimit pending items from which priorities below 50 are refused
/// @param queueHardLimit pending items from which everything is refused
/// @param mostBatched most commands in one ledger entry
/// @param mostBatchedBytes most bytes in one ledger entry, unless one command alone is larger
/// @param mostWaiting most commands waiting for their entry; above it callers get OVERLOADED
/// @param defaultDeadline longest wait for a call without a deadline of its own
public record StateConfig(
    int queueSoftLimit,
    int queueHardLimit,
    int mostBatched,
    int mostBatchedBytes,
    int mostWaiting,
    Duration defaultDeadline) {
  /// SPEC 7.3's limits, DESIGN section 11's batches.
  public static StateConfig defaults() {
    return new StateConfig(500, 1000, 512, 1 << 20, 8192, Duration.ofSeconds(10));
  }

  /// The same with other limits of the queue.
  public StateConfig withQueueLimits(int soft, int hard) {
    return new StateConfig(soft, hard, mostBatched, mostBatchedBytes, mostWaiting, defaultDeadline);
  }

  /// @throws io.ringrift.kernel.Refusal INVALID_ARGUMENT naming a relation that does not hold
  public StateConfig {
    require("queue_soft_limit", queueSoftLimit, 1, 10_000_000);
    require("queue_hard_limit", queueHardLimit, queueSoftLimit, 10_000_000);
    require("most_batched", mostBatched, 1, 4096);
    require("most_batched_bytes", mostBatchedBytes, 1024, 16 << 20);
    require("most_waiting", mostWaiting, 1, 1_000_000);
  }

  private static void require(String field, int value, int least, int most) {
    if (value < least || value > most) {
      throw io.ringrift.kernel.Refusal.invalid(
          field, Integer.toString(value), least + " to " + most);
    }
  }
}
