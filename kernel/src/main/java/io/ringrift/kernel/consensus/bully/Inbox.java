package io.ringrift.kernel.consensus.bully;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/// The driver's mailbox, bounded in number and in bytes. Any thread offers, the driver takes.
final class Inbox {
  private static final int LIMIT = 8_192;
  private static final long MAX_BYTES = 320L << 20;

  private final ArrayBlockingQueue<Work> queue = new ArrayBlockingQueue<>(LIMIT);
  private final AtomicLong bytes = new AtomicLong();

  /// @return false when it is full
  boolean offer(Work work) {
    long size = work.bytes();
    if (bytes.addAndGet(size) > MAX_BYTES || !queue.offer(work)) {
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
