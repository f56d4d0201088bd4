package io.ringrift.kernel;

import io.ringrift.kernel.time.Moment;
import io.ringrift.kernel.time.Ticker;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/// The system's clock, which a test can let skip ahead as if everybody had stood still.
public final class SkippingTicker implements Ticker {
  private final Ticker system = Ticker.system();
  private final AtomicLong skipped = new AtomicLong();

  public void skip(Duration time) {
    skipped.addAndGet(time.toNanos());
  }

  @Override
  public Moment now() {
    return system.now().plus(Duration.ofNanos(skipped.get()));
  }
}
