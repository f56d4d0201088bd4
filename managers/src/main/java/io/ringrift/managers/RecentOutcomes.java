package io.ringrift.managers;

import java.util.BitSet;
import java.util.Map;

/// The last outcomes of something that succeeds or fails, for health: a few are no rate, and what
/// lies far back is no news. Safe for any thread.
public final class RecentOutcomes {
  private static final int KEPT = 50;
  private static final int FEWEST = 10;

  private final BitSet failures = new BitSet(KEPT);
  private long seen;

  /// Notes how one more ended.
  public synchronized void add(boolean failed) {
    failures.set((int) (seen++ % KEPT), failed);
  }

  /// Notes how several more ended.
  public synchronized void add(int count, boolean failed) {
    for (int i = 0; i < Math.min(count, KEPT); i++) {
      add(failed);
    }
  }

  /// Begins anew.
  public synchronized void forget() {
    failures.clear();
    seen = 0;
  }

  /// Health by the rate of failures among the last ones, once there are enough to have a rate.
  public synchronized Health health(Map<String, String> details) {
    if (seen < FEWEST) {
      return Health.running(details);
    }
    long failed = failures.cardinality();
    return Health.byFailureRate(failed, Math.min(seen, KEPT) - failed, details);
  }
}
