package io.ringrift.managers.job;

import io.ringrift.job.v1.ExitStatus;
import io.ringrift.job.v1.JobState;
import io.ringrift.job.v1.ProcessView;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/// One attempt on this node. Its watching thread alone changes the view; stops are asked for from
/// any thread.
final class Run {
  private final RunKey key;
  private final Semaphore bell = new Semaphore(0);
  private final CountDownLatch over = new CountDownLatch(1);
  private final CountDownLatch accepted = new CountDownLatch(1);
  private final AtomicReference<@Nullable String> stopCause = new AtomicReference<>();
  private volatile ProcessView view;
  private volatile @Nullable RunFolder folder;

  Run(RunKey key, ProcessView view) {
    this.key = key;
    this.view = view;
  }

  RunKey key() {
    return key;
  }

  ProcessView view() {
    RunFolder place = folder;
    return place == null ? view : view.toBuilder().setLogBytes(place.logBytes()).build();
  }

  /// The view without a look at the disk.
  ProcessView rawView() {
    return view;
  }

  boolean live() {
    return over.getCount() > 0;
  }

  /// The order is durable there.
  void placed(RunFolder place) {
    folder = place;
    accepted.countDown();
  }

  /// The order was refused after all.
  void refused() {
    over.countDown();
    accepted.countDown();
  }

  /// Waits until the order is durable.
  ///
  /// @return false when it was refused, or not yet durable
  boolean awaitAccepted(Duration wait) throws InterruptedException {
    return accepted.await(wait.toMillis(), TimeUnit.MILLISECONDS) && folder != null;
  }

  Optional<RunFolder> folder() {
    return Optional.ofNullable(folder);
  }

  /// Asks for a stop; the first cause stays.
  void stop(String cause) {
    stopCause.compareAndSet(null, cause);
    ring();
  }

  Optional<String> stopCause() {
    return Optional.ofNullable(stopCause.get());
  }

  /// Wakes the watching thread.
  void ring() {
    bell.release();
  }

  /// The watching thread's wait.
  void listen(Duration longest) throws InterruptedException {
    if (bell.tryAcquire(longest.toMillis(), TimeUnit.MILLISECONDS)) {
      bell.drainPermits();
    }
  }

  void starting(boolean adopted) {
    view = view.toBuilder().setAdopted(adopted).build();
  }

  void running(long pid) {
    view = view.toBuilder().setState(JobState.JOB_STATE_RUNNING).setPid(pid).build();
  }

  /// @param output what it printed last; empty unless it ended well
  void ended(JobState state, ExitStatus exit, String output) {
    view = view.toBuilder().setState(state).setExit(exit).setOutput(output).build();
  }

  /// Nothing of it is left and its end is noted.
  void closeBook() {
    over.countDown();
  }

  boolean awaitEnd(Duration wait) throws InterruptedException {
    return over.await(wait.toMillis(), TimeUnit.MILLISECONDS);
  }
}
