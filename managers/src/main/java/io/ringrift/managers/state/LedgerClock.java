package io.ringrift.managers.state;

import io.ringrift.kernel.time.Moment;
import io.ringrift.kernel.time.Ticker;

/// The leader's clock for stamps: ledger time as it was when the duties opened, plus what has
/// passed since on the monotonic clock. Time without a leader does not count. Safe for any thread.
final class LedgerClock {
  private record Origin(long ledgerMillis, Moment at) {}

  private final Ticker ticker;
  private volatile Origin origin;

  LedgerClock(Ticker ticker) {
    this.ticker = ticker;
    this.origin = new Origin(0, ticker.now());
  }

  void open(long ledgerMillis) {
    origin = new Origin(ledgerMillis, ticker.now());
  }

  long nowMillis() {
    Origin from = origin;
    return from.ledgerMillis() + ticker.now().since(from.at()).toMillis();
  }
}
