package io.ringrift.managers.sync;

import io.ringrift.kernel.time.Moment;
import io.ringrift.kernel.time.Ticker;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/// Keeps one transfer below its bandwidth: after each chunk the receiver waits until the chunk was
/// due, and does not ask for more meanwhile. One thread.
final class Pace {
  private final Ticker ticker;
  private final long bytesPerSecond;
  private final Moment start;
  private long bytes;

  /// @param bytesPerSecond 0 means no cap
  Pace(Ticker ticker, long bytesPerSecond) {
    this.ticker = ticker;
    this.bytesPerSecond = bytesPerSecond;
    this.start = ticker.now();
  }

  void received(int count) throws InterruptedException {
    bytes += count;
    if (bytesPerSecond == 0) {
      return;
    }
    Moment due = start.plus(Duration.ofMillis(bytes * 1000 / bytesPerSecond));
    rest(ticker, due);
  }

  /// Waits until a moment.
  static void rest(Ticker ticker, Moment due) throws InterruptedException {
    for (Moment now = ticker.now(); now.isBefore(due); now = ticker.now()) {
      LockSupport.parkNanos(due.since(now).toNanos());
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
    }
  }
}
