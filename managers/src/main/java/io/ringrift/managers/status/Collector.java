package io.ringrift.managers.status;

import io.ringrift.kernel.time.Moment;
import io.ringrift.kernel.time.Ticker;
import java.time.Duration;
import java.util.HashMap;
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
/// hanging one keeps its permit and is not asked again while it hangs, so that repeated collections
/// neither pile up threads nor wait for it. Callers that come during a collection share its result.
/// Safe for any thread; blocks at most the timeout.
final class Collector {
  private final CollectorConfig config;
  private final Ticker ticker;
  private final Semaphore permits;
  private final ReentrantLock lock = new ReentrantLock();
  // guarded by lock
  private @Nullable Collected last;
  private Moment lastAt = Moment.MIN;

  /// Questions that were given up, by block; those that ended since are of no interest.
  private final Map<String, Thread> givenUp = new HashMap<>();

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

  /// A question under way.
  private record Asked(Thread thread, FutureTask<Object> answer) {}

  private Collected ask(List<Block<?>> blocks, Moment start) throws InterruptedException {
    var values = new LinkedHashMap<String, Object>();
    var errors = new LinkedHashMap<String, String>();
    var asked = new LinkedHashMap<String, Asked>();
    for (Block<?> block : blocks) {
      if (hangs(block.name())) {
        errors.put(block.name(), "an earlier question still hangs");
      } else {
        asked.put(block.name(), begin(block));
      }
    }
    int timedOut = errors.size();
    Moment deadline = start.plus(config.timeout());
    for (Map.Entry<String, Asked> one : asked.entrySet()) {
      var answer = one.getValue().answer();
      long left = Math.max(0, deadline.since(ticker.now()).toNanos());
      try {
        values.put(one.getKey(), answer.get(left, TimeUnit.NANOSECONDS));
      } catch (TimeoutException | CancellationException e) {
        answer.cancel(true);
        givenUp.put(one.getKey(), one.getValue().thread());
        errors.put(one.getKey(), "no answer within " + config.timeout().toMillis() + " ms");
        timedOut++;
      } catch (ExecutionException e) {
        Throwable cause = e.getCause() == null ? e : e.getCause();
        errors.put(
            one.getKey(), cause.getMessage() == null ? cause.toString() : cause.getMessage());
      }
    }
    Duration length = ticker.now().since(start);
    return new Collected(Map.copyOf(values), Map.copyOf(errors), timedOut, length);
  }

  /// Whether a question that was given up has still not ended.
  private boolean hangs(String block) {
    Thread earlier = givenUp.get(block);
    return earlier != null && earlier.isAlive();
  }

  private Asked begin(Block<?> block) {
    var answer = new FutureTask<Object>(() -> underPermit(block));
    givenUp.remove(block.name());
    return new Asked(Thread.ofVirtual().name("status-" + block.name()).start(answer), answer);
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
