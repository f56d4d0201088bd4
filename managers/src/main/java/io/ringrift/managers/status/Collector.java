package io.ringrift.managers.status;

import io.ringrift.kernel.time.Moment;
import io.ringrift.kernel.time.Ticker;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// Asks all blocks at once on virtual threads; one that fails or hangs costs the others nothing. A
/// hanging one keeps its permit, so that repeated collections do not pile up threads. Callers that
/// come during a collection share its result. Safe for any thread; blocks at most the timeout.
final class Collector {
  private final CollectorConfig config;
  private final Ticker ticker;
  private final Semaphore permits;
  private final ReentrantLock lock = new ReentrantLock();
  // guarded by lock
  private @Nullable Collected last;
  private Moment lastAt = Moment.MIN;

  Collector(CollectorConfig config, Ticker ticker) {
    this.config = config;
    this.ticker = ticker;
    this.permits = new Semaphore(config.maxConcurrent());
  }

  /// Asks, or shows the last collection again while it is fresh.
  Collected collect(List<Block<?>> blocks) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      Moment now = ticker.now();
      if (last == null || now.isAfter(lastAt.plus(config.cacheFor()))) {
        last = ask(blocks, now);
        lastAt = ticker.now();
      }
      return last;
    } finally {
      lock.unlock();
    }
  }

  private Collected ask(List<Block<?>> blocks, Moment start) throws InterruptedException {
    var tasks = new LinkedHashMap<String, FutureTask<Object>>();
    for (Block<?> block : blocks) {
      var task = new FutureTask<Object>(() -> underPermit(block));
      tasks.put(block.name(), task);
      Thread.ofVirtual().name("status-" + block.name()).start(task);
    }
    var values = new LinkedHashMap<String, Object>();
    var errors = new LinkedHashMap<String, String>();
    int timedOut = 0;
    Moment deadline = start.plus(config.timeout());
    for (Map.Entry<String, FutureTask<Object>> task : tasks.entrySet()) {
      long left = Math.max(0, deadline.since(ticker.now()).toNanos());
      try {
        values.put(task.getKey(), task.getValue().get(left, TimeUnit.NANOSECONDS));
      } catch (TimeoutException | CancellationException e) {
        task.getValue().cancel(true);
        errors.put(task.getKey(), "no answer within " + config.timeout().toMillis() + " ms");
        timedOut++;
      } catch (ExecutionException e) {
        Throwable cause = e.getCause() == null ? e : e.getCause();
        errors.put(
            task.getKey(), cause.getMessage() == null ? cause.toString() : cause.getMessage());
      }
    }
    Duration length = ticker.now().since(start);
    return new Collected(Map.copyOf(values), Map.copyOf(errors), timedOut, length);
  }

  private <T> T underPermit(Block<T> block) throws Exception {
    if (!permits.tryAcquire(config.timeout().toNanos(), TimeUnit.NANOSECONDS)) {
      throw new TimeoutException("earlier questions still hang");
    }
    try {
      return block.question().call();
    } finally {
      permits.release();
    }
  }
}
