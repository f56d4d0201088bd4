package io.ringrift.node.web;

import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// A virtual thread for each task, so many at once at most; what is above waits for a place in the
/// order of arrival, as many as there are open calls. Unlike a pool of virtual threads it has no
/// idle ones, which would meet at one lock for every task. Tasks that arrive after the end are
/// dropped. Any thread.
final class HandlerThreads extends AbstractExecutorService implements ScheduledExecutorService {
  private final ExecutorService threads =
      Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("handler-", 0).factory());
  private final ScheduledThreadPoolExecutor timer =
      new ScheduledThreadPoolExecutor(1, Thread.ofVirtual().name("handler-timer").factory());
  private final Queue<Runnable> waiting = new ConcurrentLinkedQueue<>();
  private final Semaphore places;

  private final Predicate<Runnable> quick;

  /// @param most tasks at once
  /// @param quick tasks that run where they arrive, without a thread or a place
  HandlerThreads(int most, Predicate<Runnable> quick) {
    this.places = new Semaphore(most);
    this.quick = quick;
    timer.setRemoveOnCancelPolicy(true);
  }

  @Override
  public void execute(Runnable task) {
    if (quick.test(task)) {
      if (!isShutdown()) {
        task.run();
      }
      return;
    }
    waiting.add(task);
    serve();
  }

  /// Gives places to those that wait, as long as there are both.
  private void serve() {
    while (!waiting.isEmpty() && places.tryAcquire()) {
      Runnable next = waiting.poll();
      if (next == null || !begin(next)) {
        places.release();
      }
    }
  }

  private boolean begin(Runnable task) {
    try {
      threads.execute(() -> run(task));
      return true;
    } catch (RejectedExecutionException closing) {
      return false;
    }
  }

  private void run(Runnable task) {
    try {
      task.run();
    } finally {
      places.release();
      serve();
    }
  }

  @Override
  public ScheduledFuture<?> schedule(Runnable task, long delay, TimeUnit unit) {
    return timer.schedule(() -> execute(task), delay, unit);
  }

  /// Runs on the timer's own thread, as the two below do: their callers are few and short.
  @Override
  public <V extends @Nullable Object> ScheduledFuture<V> schedule(
      Callable<V> task, long delay, TimeUnit unit) {
    return timer.schedule(task, delay, unit);
  }

  @Override
  public ScheduledFuture<?> scheduleAtFixedRate(
      Runnable task, long delay, long period, TimeUnit unit) {
    return timer.scheduleAtFixedRate(task, delay, period, unit);
  }

  @Override
  public ScheduledFuture<?> scheduleWithFixedDelay(
      Runnable task, long delay, long pause, TimeUnit unit) {
    return timer.scheduleWithFixedDelay(task, delay, pause, unit);
  }

  @Override
  public void shutdown() {
    timer.shutdown();
    threads.shutdown();
  }

  /// Interrupts the tasks in progress and hands back those that waited.
  @Override
  public List<Runnable> shutdownNow() {
    var rest = new ArrayList<Runnable>(timer.shutdownNow());
    rest.addAll(threads.shutdownNow());
    for (Runnable task = waiting.poll(); task != null; task = waiting.poll()) {
      rest.add(task);
    }
    return rest;
  }

  @Override
  public boolean isShutdown() {
    return threads.isShutdown();
  }

  @Override
  public boolean isTerminated() {
    return threads.isTerminated() && timer.isTerminated();
  }

  /// Waits for the timer first, so at most twice as long as asked for.
  @Override
  public boolean awaitTermination(long timeout, TimeUnit unit) throws InterruptedException {
    return timer.awaitTermination(timeout, unit) && threads.awaitTermination(timeout, unit);
  }
}
