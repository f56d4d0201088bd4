package io.ringrift.managers.state;

import java.time.Duration;

/// What can be set about the state.
///
/// @param queueSoftLimit pending items from which priorities below 50 are refused
/// @param queueHardLimit pending items from which everything is refused
/// @param mostBatched most commands in one ledger entry
/// @param mostBatchedBytes most bytes in one ledger entry, unless one command alone is larger;
///   below the ledger's own limit
/// @param mostKeptBytes bytes of jobs and items that have not ended from which no more are added
/// @param mostWaiting most commands waiting for their entry; above it callers get OVERLOADED
/// @param defaultDeadline longest wait for a call without a deadline of its own
public record StateConfig(
    int queueSoftLimit,
    int queueHardLimit,
    int mostBatched,
    int mostBatchedBytes,
    long mostKeptBytes,
    int mostWaiting,
    Duration defaultDeadline) {
  private static final long LEAST_KEPT_BYTES = 8L << 20;
  private static final long MOST_KEPT_BYTES = 128L << 20;

  /// SPEC 7.3's limits, DESIGN section 11's batches, and an eighth of this node's heap for what has
  /// not ended: with what is kept beside it, it fits twice, as a snapshot needs it.
  public static StateConfig defaults() {
    long kept = Math.clamp(Runtime.getRuntime().maxMemory() / 8, LEAST_KEPT_BYTES, MOST_KEPT_BYTES);
    return new StateConfig(500, 1000, 512, 768 << 10, kept, 8192, Duration.ofSeconds(10));
  }

  /// The same with other limits of the queue.
  public StateConfig withQueueLimits(int soft, int hard) {
    return new StateConfig(
        soft, hard, mostBatched, mostBatchedBytes, mostKeptBytes, mostWaiting, defaultDeadline);
  }

  /// @throws io.ringrift.kernel.Refusal INVALID_ARGUMENT naming a relation that does not hold
  public StateConfig {
    require("queue_soft_limit", queueSoftLimit, 1, 10_000_000);
    require("queue_hard_limit", queueHardLimit, queueSoftLimit, 10_000_000);
    require("most_batched", mostBatched, 1, 4096);
    require("most_batched_bytes", mostBatchedBytes, 1024, 16 << 20);
    if (mostKeptBytes < 1) {
      throw io.ringrift.kernel.Refusal.invalid(
          "most_kept_bytes", Long.toString(mostKeptBytes), "1 or greater");
    }
    require("most_waiting", mostWaiting, 1, 1_000_000);
  }

  private static void require(String field, int value, int least, int most) {
    if (value < least || value > most) {
      throw io.ringrift.kernel.Refusal.invalid(
          field, Integer.toString(value), least + " to " + most);
    }
  }
}
