package io.ringrift.managers.sync;

import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.time.Moment;
import io.ringrift.kernel.time.Ticker;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/// One transfer that keeps to the bandwidths it shares: after each chunk the receiver waits until
/// the chunk was due in each, and does not ask for more meanwhile. It waits no longer than the
/// transfer may take. One thread.
final class Pace implements AutoCloseable {
  private final Ticker ticker;
  private final List<Bandwidth> shared;
  private final Rest rest;
  private final Moment latest;
  private final Runnable end;

  /// How one waits until a moment; not at all when it is past.
  @FunctionalInterface
  interface Rest {
    void until(Moment due) throws InterruptedException;
  }

  /// @param latest when the transfer has to be over
  /// @param end done when the transfer is over
  Pace(Ticker ticker, List<Bandwidth> shared, Rest rest, Moment latest, Runnable end) {
    this.ticker = ticker;
    this.shared = shared;
    this.rest = rest;
    this.latest = latest;
    this.end = end;
  }

  /// @throws Refusal DEADLINE_EXCEEDED at the transfer's latest end
  void received(int bytes) throws InterruptedException {
    for (Bandwidth one : shared) {
      Moment due = one.due(ticker.now(), bytes);
      rest.until(due.isAfter(latest) ? latest : due);
    }
    if (!ticker.now().isBefore(latest)) {
      throw new Refusal(
          Reason.DEADLINE_EXCEEDED,
          "the transfer took all its time; what came is kept and the next try goes on with it, or"
              + " raise sync.bandwidth and sync.peer_bandwidth, or the peer's entry in"
              + " sync.peer_bandwidth_overrides");
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
