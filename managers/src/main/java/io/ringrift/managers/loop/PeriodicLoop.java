package io.ringrift.managers.loop;

import io.grpc.StatusRuntimeException;
import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.time.Moment;
import io.ringrift.kernel.time.Ticker;
import io.ringrift.managers.Health;
import io.ringrift.managers.LoopSpec;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.DoubleSupplier;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One running loop: a virtual thread that does a round, pauses, and does the next. A failed round
/// is recorded and answered with a growing pause; it never ends the loop. All methods are safe for
/// any thread.
final class PeriodicLoop {
  private static final Logger LOG = LoggerFactory.getLogger(PeriodicLoop.class);

  /// However often a loop is woken, rounds keep this distance.
  private static final Duration LEAST_GAP = Duration.ofMillis(20);

  /// Longest stretch of the first wait, so that loops of one node do not all begin together.
  private static final Duration LONGEST_STAGGER = Duration.ofSeconds(2);

  private final LoopSpec spec;
  private final BackoffConfig backoff;
  private final Ticker ticker;
  private final InstantSource wall;
  private final DoubleSupplier chance;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  // guarded by lock
  private @Nullable Thread thread;
  private @Nullable Runnable next;
  private boolean stopping;
  private boolean woken;
  private boolean paused;
  private long asked;
  private long answered;
  private LoopStats stats = LoopStats.NONE;

  /// @param wall for the times that people read
  /// @throws Refusal INVALID_ARGUMENT when the interval is not positive or the delay is negative
  PeriodicLoop(
      LoopSpec spec,
      BackoffConfig backoff,
      Ticker ticker,
      InstantSource wall,
      DoubleSupplier chance) {
    if (!spec.interval().isPositive()) {
      throw Refusal.invalid(
          "loops." + spec.name() + ".interval", spec.interval().toString(), "positive");
    }
    if (spec.initialDelay().isNegative()) {
      throw Refusal.invalid(
          "loops." + spec.name() + ".initial_delay", spec.initialDelay().toString(), "0 or more");
    }
    this.spec = spec;
    this.backoff =
        spec.firstPause().isZero()
            ? backoff
            : backoff.within(spec.firstPause(), spec.longestPause());
    this.ticker = ticker;
    this.wall = wall;
    this.chance = chance;
  }

  LoopSpec spec() {
    return spec;
  }

  /// Starts the loop; a running one is left alone. While an earlier run is still ending, the new
  /// one begins behind it.
  void start(Optional<Epoch> epoch) {
    lock.lock();
    try {
      if (thread != null) {
        next = stopping ? () -> start(epoch) : null;
        return;
      }
      stopping = false;
      woken = false;
      thread = Thread.ofVirtual().name("loop-" + spec.name()).start(() -> run(epoch));
    } finally {
      lock.unlock();
    }
  }

  /// Interrupts the round in progress and waits for its end.
  ///
  /// @return false when it did not end in time; it starts no further side effect of an epoch that
  ///   it checks
  boolean stop(Duration patience) throws InterruptedException {
    askToStop();
    lock.lock();
    try {
      long left = patience.toNanos();
      while (thread != null && left > 0) {
        left = changed.awaitNanos(left);
      }
      return thread == null;
    } finally {
      lock.unlock();
    }
  }

  /// The first half of `stop`: does not wait.
  void askToStop() {
    lock.lock();
    try {
      stopping = true;
      next = null;
      if (thread != null) {
        thread.interrupt();
      }
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /// Ends the round in progress and lets the loop begin anew behind it; does not wait.
  ///
  /// @return what ends; empty when the loop did not run
  Optional<Thread> restart(Optional<Epoch> epoch) {
    lock.lock();
    try {
      var before = Optional.ofNullable(thread);
      askToStop();
      start(epoch);
      return before;
    } finally {
      lock.unlock();
    }
  }

  /// Hastens the next round.
  void wake() {
    change(() -> woken = true);
  }

  /// No more rounds until resumed; the one in progress ends by itself.
  void pause() {
    change(() -> paused = true);
  }

  void resume() {
    change(() -> paused = false);
  }

  /// Does one round now, paused or not, and waits for its end.
  ///
  /// @throws Refusal NOT_LEADER or ILLEGAL_TRANSITION when the loop does not run here,
  ///   DEADLINE_EXCEEDED when the round takes longer than the patience
  void runOnce(Duration patience) throws InterruptedException {
    lock.lock();
    try {
      requireRunning();
      long ticket = ++asked;
      changed.signalAll();
      long left = patience.toNanos();
      while (answered < ticket) {
        if (left <= 0) {
          throw new Refusal(
              Reason.DEADLINE_EXCEEDED,
              "loop " + spec.name() + " is still at its round; ask for its status later");
        }
        left = changed.awaitNanos(left);
        requireRunning();
      }
    } finally {
      lock.unlock();
    }
  }

  /// Forgets the rounds that were; the loop goes on, and after failures with its usual pause.
  void resetStats() {
    change(() -> stats = LoopStats.NONE);
  }

  LoopStats stats() {
    return locked(() -> stats);
  }

  boolean running() {
    return locked(() -> thread != null);
  }

  boolean paused() {
    return locked(() -> paused);
  }

  /// Health of SPEC 5.7. A stopped loop is not sick.
  Health health() {
    var now = stats();
    var details =
        Map.of(
            "cycles_completed", Long.toString(now.totalRuns()),
            "errors_count", Long.toString(now.failedRuns()),
            "average_cycle_duration_ms", Long.toString(now.averageDuration().toMillis()));
    if (!running()) {
      return new Health(Health.Status.READY, "stopped", details);
    }
    if (paused()) {
      return new Health(Health.Status.PAUSED, "paused", details);
    }
    if (now.consecutiveErrors() > 5) {
      return Health.error(
          now.consecutiveErrors() + " failures in a row: " + now.lastError(), details);
    }
    if (now.successRate() < 50) {
      return Health.degraded(
          "failure rate " + Math.round(100 - now.successRate()) + " %: " + now.lastError(),
          details);
    }
    return Health.running(details);
  }

  static Refusal runsAtTheLeader(LoopSpec spec) {
    return new Refusal(
        Reason.NOT_LEADER, "loop " + spec.name() + " runs at the leader only; ask it there");
  }

  private void requireRunning() {
    if (thread != null && !stopping) {
      return;
    }
    throw spec.leaderOnly()
        ? runsAtTheLeader(spec)
        : new Refusal(Reason.ILLEGAL_TRANSITION, "loop " + spec.name() + " does not run");
  }

  private void run(Optional<Epoch> epoch) {
    try {
      await(firstWait());
      while (!isStopping()) {
        long ticket = locked(() -> asked);
        if (!paused() || ticket > locked(() -> answered)) {
          round(epoch);
          change(() -> answered = ticket);
        }
        await(gap());
      }
    } finally {
      change(this::ended);
    }
  }

  /// The one place of this room that catches everything: a failed round is data.
  private void round(Optional<Epoch> epoch) {
    Moment start = ticker.now();
    try {
      spec.round().run(epoch);
      Duration length = ticker.now().since(start);
      record(before -> before.succeeded(length, wall.instant()));
    } catch (InterruptedException e) {
      fail(start, e);
    } catch (RuntimeException | Error e) {
      fail(start, e);
    }
  }

  private void fail(Moment start, Throwable cause) {
    if (isStopping()) {
      LOG.debug("loop {} was stopped in its round", spec.name());
      return;
    }
    String error = cause.getMessage() == null ? cause.toString() : cause.getMessage();
    var before = stats();
    boolean expected = cause instanceof Refusal || cause instanceof StatusRuntimeException;
    if (before.consecutiveErrors() > 0) {
      LOG.debug("loop {} failed again: {}", spec.name(), error);
    } else if (expected) {
      LOG.info("loop {} is tried again: {}", spec.name(), error);
    } else {
      LOG.warn("loop {} failed: {}", spec.name(), error, cause);
    }
    Duration length = ticker.now().since(start);
    record(now -> now.failed(length, error, wall.instant()));
  }

  private void record(UnaryOperator<LoopStats> next) {
    change(() -> stats = next.apply(stats));
  }

  private void ended() {
    thread = null;
    if (next != null) {
      next.run();
      next = null;
    }
  }

  private Duration firstWait() {
    if (spec.leaderOnly()) {
      return spec.initialDelay(); // nobody else runs it, and a new leader should not lose time
    }
    double most = Math.min((double) LONGEST_STAGGER.toNanos(), spec.interval().toNanos() / 10.0);
    return spec.initialDelay().plusNanos((long) (most * chance.getAsDouble()));
  }

  private Duration gap() {
    int failures = stats().consecutiveErrors();
    if (failures == 0) {
      return spec.interval();
    }
    Duration pause = backoff.delay(failures, chance.getAsDouble());
    return pause.compareTo(spec.longestPause()) > 0 ? spec.longestPause() : pause;
  }

  /// Waits for the time, a wake-up or a request, but at least the least gap.
  private void await(Duration wait) {
    long left = wait.toNanos();
    long floor = Math.min(left, LEAST_GAP.toNanos());
    lock.lock();
    try {
      while (!stopping && (floor > 0 || (left > 0 && !woken && asked == answered))) {
        long slept = floor > 0 ? floor : left;
        long rest = changed.awaitNanos(slept);
        left -= slept - rest;
        floor -= slept - rest;
      }
      woken = false;
    } catch (InterruptedException e) {
      LOG.debug("loop {} was interrupted while it waited", spec.name());
    } finally {
      lock.unlock();
    }
  }

  private boolean isStopping() {
    return locked(() -> stopping);
  }

  private void change(Runnable action) {
    lock.lock();
    try {
      action.run();
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private <T> T locked(Supplier<T> question) {
    lock.lock();
    try {
      return question.get();
    } finally {
      lock.unlock();
    }
  }
}
