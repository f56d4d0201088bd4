package io.ringrift.managers.sync;

import io.ringrift.kernel.time.Moment;
import io.ringrift.kernel.time.Ticker;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/// One transfer that keeps to the bandwidths it shares: after each chunk the receiver waits until
/// the chunk was due in each, and does not ask for more meanwhile. One thread.
final class Pace implements AutoCloseable {
  private final Ticker ticker;
  private final List<Bandwidth> shared;
  private final Rest rest;
  private final Runnable end;

  /// How one waits until a moment; not at all when it is past.
  @FunctionalInterface
  interface Rest {
    void until(Moment due) throws InterruptedException;
  }

  /// @param end done when the transfer is over
  Pace(Ticker ticker, List<Bandwidth> shared, Rest rest, Runnable end) {
    this.ticker = ticker;
    this.shared = shared;
    this.rest = rest;
    this.end = end;
  }

  void received(int bytes) throws InterruptedException {
    for (Bandwidth one : shared) {
      rest.until(one.due(ticker.now(), bytes));
    }
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

  @Override
  public void close() {
    end.run();
  }
}
