package io.ringrift.kernel.consensus.bully;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/// The driver's mailbox, bounded in number and in bytes. Any thread offers, the driver takes. What
/// is larger than the bound, as a snapshot may be, still comes through while nothing else of weight
/// waits: refused for ever, it would leave its follower behind for ever.
final class Inbox {
  private static final int LIMIT = 8_192;
  private static final long LEAST_BYTES = 8L << 20;
  private static final long MOST_BYTES = 128L << 20;

  private final long maxBytes;
  private final ArrayBlockingQueue<Work> queue = new ArrayBlockingQueue<>(LIMIT);
  private final AtomicLong bytes = new AtomicLong();

  /// An eighth of the heap: 24 MiB of 192.
  Inbox() {
    this(Math.clamp(Runtime.getRuntime().maxMemory() / 8, LEAST_BYTES, MOST_BYTES));
  }

  /// @param maxBytes of payload that may wait
  Inbox(long maxBytes) {
    this.maxBytes = maxBytes;
  }

  /// @return false when it is full
  boolean offer(Work work) {
    long size = work.bytes();
    long sum = bytes.addAndGet(size);
    boolean fits = size == 0 || sum <= maxBytes || sum == size;
    if (!fits || !queue.offer(work)) {
      bytes.addAndGet(-size);
      return false;
    }
    return true;
  }

  /// Waits for work, at most so long, then takes what is there, at most `limit`.
  void take(List<Work> into, int limit, Duration wait) throws InterruptedException {
    Work first = queue.poll(wait.toNanos(), TimeUnit.NANOSECONDS);
    if (first == null) {
      return;
    }
    into.add(first);
    queue.drainTo(into, limit - 1);
    release(into);
  }

  /// Takes everything without waiting.
  void takeAll(List<Work> into) {
    queue.drainTo(into);
    release(into);
  }

  private void release(List<Work> taken) {
    long sum = 0;
    for (Work work : taken) {
      sum += work.bytes();
    }
    bytes.addAndGet(-sum);
  }
}
