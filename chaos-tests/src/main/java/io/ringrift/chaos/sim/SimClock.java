package io.ringrift.chaos.sim;

import io.ringrift.kernel.time.Moment;

/// One process's monotonic clock: an arbitrary origin and a rate of its own, which a fault may
/// change. One thread.
final class SimClock {
  private static final long MILLION = 1_000_000;

  private long trueBase;
  private long localBase;
  private int partsPerMillion;

  /// @param origin what the clock shows at `now`
  SimClock(long now, long origin, int partsPerMillion) {
    this.trueBase = now;
    this.localBase = origin;
    this.partsPerMillion = partsPerMillion;
  }

  /// What this clock shows at a true instant that is not before the last change of rate.
  Moment at(long now) {
    long passed = now - trueBase;
    long skew = passed / MILLION * partsPerMillion + passed % MILLION * partsPerMillion / MILLION;
    return new Moment(localBase + passed + skew);
  }

  void rate(long now, int newPartsPerMillion) {
    localBase = at(now).nanos();
    trueBase = now;
    partsPerMillion = newPartsPerMillion;
  }

  int partsPerMillion() {
    return partsPerMillion;
  }
}
