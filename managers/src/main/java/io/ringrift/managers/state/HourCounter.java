package io.ringrift.managers.state;

import io.ringrift.kernel.Pure;
import io.ringrift.state.v1.StoredHour;
import java.util.TreeMap;

/// Jobs completed by hour of ledger time, for `completed_24h`; 25 hours are kept, the running one
/// included.
@Pure
final class HourCounter {
  private static final long HOUR_MILLIS = 3_600_000;
  private static final long HOURS = 24;

  private final Changes changes;
  private final TreeMap<Long, StoredHour> hours = new TreeMap<>();

  HourCounter(Changes changes) {
    this.changes = changes;
  }

  void load(StoredHour hour) {
    hours.put(hour.getHour(), hour);
  }

  void completed(long ledgerMillis) {
    long hour = ledgerMillis / HOUR_MILLIS;
    var before = hours.get(hour);
    int count = before == null ? 1 : before.getCompleted() + 1;
    var after = StoredHour.newBuilder().setHour(hour).setCompleted(count).build();
    hours.put(hour, after);
    changes.record(Family.HOURS, Keys.of(hour), before, after);
    while (!hours.isEmpty() && hours.firstKey() < hour - HOURS) {
      var oldest = hours.pollFirstEntry();
      changes.record(Family.HOURS, Keys.of(oldest.getKey()), oldest.getValue(), null);
    }
  }

  /// Completed within the last 24 hours of ledger time, to the hour.
  int last24Hours(long ledgerMillis) {
    long hour = ledgerMillis / HOUR_MILLIS;
    return hours.tailMap(hour - HOURS, false).values().stream()
        .mapToInt(StoredHour::getCompleted)
        .sum();
  }
}
