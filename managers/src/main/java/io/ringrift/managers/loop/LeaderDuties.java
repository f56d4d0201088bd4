package io.ringrift.managers.loop;

import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.LeadershipEvent;
import io.ringrift.kernel.time.Moment;
import io.ringrift.kernel.time.Ticker;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Opens the leader-only loops with an epoch and closes them with it. Called serially, on the
/// thread that delivers leadership; `DutiesClosed` returns only after every round has ended or was
/// given up on. A round that does not heed its interrupt is held by the fence that it checks.
final class LeaderDuties implements Consumer<LeadershipEvent> {
  private static final Logger LOG = LoggerFactory.getLogger(LeaderDuties.class);
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private final Supplier<List<PeriodicLoop>> loops;
  private final Ticker ticker;
  private Optional<Epoch> open = Optional.empty();

  /// Held while duties open or close and while stopped loops are started again, so that none begins
  /// with an epoch that is over.
  private final ReentrantLock turn = new ReentrantLock();

  LeaderDuties(Supplier<List<PeriodicLoop>> loops, Ticker ticker) {
    this.loops = loops;
    this.ticker = ticker;
  }

  @Override
  public void accept(LeadershipEvent event) {
    switch (event) {
      case LeadershipEvent.DutiesOpened(var epoch) -> inTurn(() -> open(epoch));
      case LeadershipEvent.DutiesClosed(var epoch, var cause) -> inTurn(() -> close(epoch, cause));
      case LeadershipEvent.LeaderKnown _ -> {}
      case LeadershipEvent.LeaderUnknown _ -> {}
    }
  }

  /// Epoch whose duties are open here.
  synchronized Optional<Epoch> openEpoch() {
    return open;
  }

  /// Starts the loops of the open duties that do not run.
  ///
  /// @return how many
  int restartStopped() {
    turn.lock();
    try {
      Optional<Epoch> office = openEpoch();
      if (office.isEmpty()) {
        return 0;
      }
      var dead = loops.get().stream().filter(loop -> !loop.running()).toList();
      dead.forEach(loop -> loop.start(office));
      return dead.size();
    } finally {
      turn.unlock();
    }
  }

  /// Ends the round in progress of one loop and lets the loop begin anew with the open epoch behind
  /// it. Does not wait for that end: the duties may have to close meanwhile.
  ///
  /// @return what ends; empty when the loop did not run
  /// @throws Refusal NOT_LEADER when no duties are open
  Optional<Thread> restart(PeriodicLoop loop) throws InterruptedException {
    turn.lockInterruptibly();
    try {
      Optional<Epoch> office = openEpoch();
      if (office.isEmpty()) {
        throw PeriodicLoop.runsAtTheLeader(loop.spec());
      }
      return loop.restart(office);
    } finally {
      turn.unlock();
    }
  }

  private void inTurn(Runnable change) {
    turn.lock();
    try {
      change.run();
    } finally {
      turn.unlock();
    }
  }

  private void open(Epoch epoch) {
    if (openEpoch().isPresent()) {
      close(epoch, "superseded");
    }
    remember(Optional.of(epoch));
    loops.get().forEach(loop -> loop.start(Optional.of(epoch)));
    LOG.info("duties of epoch {} are open", epoch);
  }

  private void close(Epoch epoch, String cause) {
    if (openEpoch().isEmpty()) {
      return;
    }
    remember(Optional.empty());
    stopAll();
    LOG.info("duties of epoch {} are closed: {}", epoch, cause);
  }

  /// Ends the duties when the node stops.
  void end() {
    inTurn(
        () -> {
          remember(Optional.empty());
          stopAll();
        });
  }

  private void stopAll() {
    var all = loops.get();
    all.forEach(PeriodicLoop::askToStop);
    Moment deadline = ticker.now().plus(PATIENCE);
    try {
      for (PeriodicLoop loop : all) {
        if (!loop.stop(deadline.since(ticker.now()))) {
          LOG.error("loop {} did not end within {}", loop.spec().name(), PATIENCE);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private synchronized void remember(Optional<Epoch> epoch) {
    open = epoch;
  }
}
