package io.ringrift.chaos.history;

import io.ringrift.kernel.time.Moment;
import io.ringrift.kernel.time.Ticker;

/// Time of one run: monotonic nanoseconds since its start. One for a whole run, so that operations,
/// samples and faults can be compared. Safe for any thread.
public final class RunClock {
  private final Ticker ticker;
  private final Moment start;

  public RunClock(Ticker ticker) {
    this.ticker = ticker;
    this.start = ticker.now();
  }

  /// Nanoseconds since the run began.
  public long nanos() {
    return ticker.now().since(start).toNanos();
  }
}
