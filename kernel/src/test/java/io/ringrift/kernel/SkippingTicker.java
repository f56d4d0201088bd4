package io.ringrift.kernel;

import io.ringrift.kernel.time.Moment;
import io.ringrift.kernel.time.Ticker;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/// A clock that a test can let skip ahead as if everybody who goes by it had stood still.
public final class SkippingTicker implements Ticker {
  private final Ticker under;
  private final AtomicLong skipped = new AtomicLong();

  /// Over the system's clock.
  public SkippingTicker() {
    this(Ticker.system());
  }

  public SkippingTicker(Ticker under) {
    this.under = under;
  }

  public void skip(Duration time) {
    skipped.addAndGet(time.toNanos());
  }

  @Override
  public Moment now() {
    return under.now().plus(Duration.ofNanos(skipped.get()));
  }
}
