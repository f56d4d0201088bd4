package io.ringrift.managers.sync;

import io.ringrift.kernel.time.Ticker;
import java.util.concurrent.Semaphore;

/// What the node receives at once, over all requests, and how fast. Safe for any thread.
final class Intake {
  private final Ticker ticker;
  private final SyncConfig config;
  private final Semaphore slots;

  Intake(SyncConfig config, Ticker ticker) {
    this.ticker = ticker;
    this.config = config;
    this.slots = new Semaphore(config.maxConcurrentPulls());
  }

  /// Waits for its turn to receive. Whoever had it gives it back.
  void begin() throws InterruptedException {
    slots.acquire();
  }

  /// Takes a turn that nobody waits for.
  ///
  /// @return false when there is none
  boolean beginSpare() {
    return !isWanted() && slots.tryAcquire();
  }

  void end() {
    slots.release();
  }

  /// Whether somebody waits for a turn.
  boolean isWanted() {
    return slots.hasQueuedThreads();
  }

  /// The pace of one transfer from now on.
  Pace pace() {
    return new Pace(ticker, config.bytesPerSecond());
  }
}
