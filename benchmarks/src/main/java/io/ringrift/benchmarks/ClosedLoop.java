package io.ringrift.benchmarks;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/// Keeps a number of operations under way for a while: each acknowledgement starts the next one.
final class ClosedLoop {
  /// Starts one operation and does not block; the future ends with the acknowledgement.
  interface Operation {
    CompletableFuture<?> start(long sequence);
  }

  private static final long LONGEST_ANSWER_SECONDS = 30;
  private static final long PAUSE_MILLIS = 5;

  private final Operation operation;
  private final long end;
  private final List<Samples> samples = new ArrayList<>();
  private final AtomicLong sequence = new AtomicLong();
  private final AtomicLong failures = new AtomicLong();
  private final AtomicReference<@Nullable Throwable> firstFailure = new AtomicReference<>();
  private final CountDownLatch open;

  private ClosedLoop(Operation operation, int outstanding, Duration length) {
    this.operation = operation;
    this.open = new CountDownLatch(outstanding);
    for (int i = 0; i < outstanding; i++) {
      samples.add(new Samples());
    }
    this.end = System.nanoTime() + length.toNanos();
  }

  /// @param servers processes that do the work
  /// @throws SpoiledRun when operations fail or are never answered: such figures would mislead
  static Rates run(Operation operation, int outstanding, Duration length, Collection<Long> servers)
      throws InterruptedException {
    var before = Processor.now(servers);
    long start = System.nanoTime();
    var loop = new ClosedLoop(operation, outstanding, length);
    loop.samples.forEach(loop::step);
    if (!loop.open.await(length.toSeconds() + LONGEST_ANSWER_SECONDS, TimeUnit.SECONDS)) {
      throw new SpoiledRun(
          loop.open.getCount() + " operations were not answered", loop.firstFailure.get());
    }
    double seconds = (System.nanoTime() - start) / 1e9;
    var spent = Processor.now(servers).since(before);
    if (loop.failures.get() > 0) {
      throw new SpoiledRun(
          loop.failures + " operations failed, the first with: " + loop.firstFailure.get(),
          loop.firstFailure.get());
    }
    return Rates.of(Samples.sorted(loop.samples), seconds, loop.failures.get(), spent);
  }

  private void step(Samples slot) {
    long start = System.nanoTime();
    if (start - end >= 0) {
      open.countDown();
      return;
    }
    var _ =
        operation
            .start(sequence.getAndIncrement())
            .whenComplete((_, failure) -> finish(slot, start, failure));
  }

  private void finish(Samples slot, long start, @Nullable Throwable failure) {
    if (failure == null) {
      slot.add(System.nanoTime() - start);
      step(slot);
      return;
    }
    failures.incrementAndGet();
    firstFailure.compareAndSet(null, failure);
    CompletableFuture.delayedExecutor(PAUSE_MILLIS, TimeUnit.MILLISECONDS)
        .execute(() -> step(slot));
  }
}
