package io.ringrift.node.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class HandlerThreadsTest {
  private static final int MOST = 2;

  private final HandlerThreads handlers = new HandlerThreads(MOST, _ -> false);

  @AfterEach
  void end() {
    handlers.shutdownNow();
  }

  @Test
  void noMoreThanTheMostRunAtOnceAndNoneIsForgotten() {
    var running = new AtomicInteger();
    var greatest = new AtomicInteger();
    var done = new AtomicInteger();
    for (int i = 0; i < 500; i++) {
      handlers.execute(
          () -> {
            greatest.accumulateAndGet(running.incrementAndGet(), Math::max);
            LockSupport.parkNanos(10_000);
            running.decrementAndGet();
            done.incrementAndGet();
          });
    }

    await().until(() -> done.get() == 500);
    assertThat(greatest).hasValueLessThanOrEqualTo(MOST);
  }

  @Test
  void quickTasksRunWhereTheyArriveThoughEveryPlaceIsTaken() {
    var ran = new CopyOnWriteArrayList<Thread>();
    Runnable quick = () -> ran.add(Thread.currentThread());
    var mixed = new HandlerThreads(1, quick::equals);
    mixed.execute(LockSupport::park);

    mixed.execute(quick);
    assertThat(ran).containsExactly(Thread.currentThread());
    mixed.shutdownNow();
  }

  @Test
  void aTaskThatThrowsGivesItsPlaceBack() {
    var done = new AtomicInteger();
    for (int i = 0; i < 3 * MOST; i++) {
      handlers.execute(
          () -> {
            done.incrementAndGet();
            throw new IllegalStateException("as a handler might");
          });
    }

    await().dontCatchUncaughtExceptions().until(() -> done.get() == 3 * MOST);
  }

  @Test
  void theEndInterruptsWhatRunsAndDropsWhatComesLater() {
    var begun = new CountDownLatch(1);
    List<String> told = new CopyOnWriteArrayList<>();
    handlers.execute(
        () -> {
          begun.countDown();
          try {
            new CountDownLatch(1).await();
          } catch (InterruptedException e) {
            told.add("interrupted");
          }
        });
    await().until(() -> begun.getCount() == 0);

    handlers.shutdownNow();
    handlers.execute(() -> told.add("too late"));

    await().until(handlers::isTerminated);
    assertThat(told).containsExactly("interrupted");
  }

  @Test
  void aTaskOfTheTimerRunsOnAThreadOfItsOwn() {
    var names = new CopyOnWriteArrayList<String>();
    Runnable task = () -> names.add(Thread.currentThread().getName());
    var _ = handlers.schedule(task, 1, TimeUnit.MILLISECONDS);

    await().until(() -> names.size() == 1);
    assertThat(names.getFirst()).startsWith("handler-").isNotEqualTo("handler-timer");
  }
}
