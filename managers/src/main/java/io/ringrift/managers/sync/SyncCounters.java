package io.ringrift.managers.sync;

import io.ringrift.kernel.time.Moment;
import io.ringrift.kernel.time.Ticker;
import io.ringrift.managers.RecentOutcomes;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/// Counters of SPEC 5.3, by their names there. Safe for any thread.
final class SyncCounters {
  static final String MANIFESTS_COLLECTED = "manifests_collected";
  static final String PLANS = "sync_plans_generated";
  static final String JOBS_CREATED = "sync_jobs_created";
  static final String JOBS_COMPLETED = "sync_jobs_completed";
  static final String JOBS_FAILED = "sync_jobs_failed";
  static final String BYTES = "bytes_synced";
  static final String PULLED_FILES = "files_pulled";
  static final String PULL_FAILURES = "pull_failures";
  static final String PULLED_BYTES = "bytes_pulled";
  static final String GARBAGE_REMOVED = "garbage_removed";
  static final String GARBAGE_BYTES = "garbage_bytes_removed";
  static final String GARBAGE_KEPT = "garbage_kept";
  static final String CORRUPT_RECEIVED = "corrupt_files_received";
  static final String QUARANTINED = "files_quarantined";
  static final String PARTIALS_REMOVED = "partial_files_removed";
  static final String PARTIAL_BYTES_REMOVED = "partial_bytes_removed";
  static final String TRAINING_FILES = "training_files_pushed";
  static final String TRAINING_NODES = "training_nodes";
  static final String EVENTS = "events_emitted";
  static final String EVENTS_FAILED = "events_failed";

  private final Ticker ticker;
  private final Map<String, LongAdder> counts = new ConcurrentHashMap<>();
  private final RecentOutcomes recent = new RecentOutcomes();
  private volatile Optional<Moment> lastCollection = Optional.empty();
  private volatile Optional<Moment> lastSync = Optional.empty();
  private volatile Duration lastPlanning = Duration.ZERO;

  SyncCounters(Ticker ticker) {
    this.ticker = ticker;
    for (String name :
        new String[] {
          MANIFESTS_COLLECTED,
          PLANS,
          JOBS_CREATED,
          JOBS_COMPLETED,
          JOBS_FAILED,
          BYTES,
          PULLED_FILES,
          PULL_FAILURES,
          PULLED_BYTES,
          TRAINING_FILES,
          TRAINING_NODES,
          CORRUPT_RECEIVED,
          QUARANTINED,
          GARBAGE_REMOVED,
          GARBAGE_BYTES,
          GARBAGE_KEPT,
          PARTIALS_REMOVED,
          PARTIAL_BYTES_REMOVED,
          EVENTS,
          EVENTS_FAILED
        }) {
      counts.put(name, new LongAdder());
    }
  }

  void add(String name, long count) {
    counts.computeIfAbsent(name, _ -> new LongAdder()).add(count);
  }

  /// Notes a number that is not a sum.
  void set(String name, long value) {
    var fresh = new LongAdder();
    fresh.add(value);
    counts.put(name, fresh);
  }

  /// Notes how the moves of one run ended.
  void moved(int completed, int failed) {
    add(JOBS_COMPLETED, completed);
    add(JOBS_FAILED, failed);
    recent.add(completed, false);
    recent.add(failed, true);
  }

  /// Notes how long the comparison of manifests took.
  void planned(Duration time) {
    lastPlanning = time;
  }

  RecentOutcomes recent() {
    return recent;
  }

  void collected() {
    add(MANIFESTS_COLLECTED, 1);
    lastCollection = Optional.of(ticker.now());
  }

  /// Whether the last collection is younger than this.
  boolean collectedWithin(Duration age) {
    return lastCollection.filter(at -> ticker.now().since(at).compareTo(age) < 0).isPresent();
  }

  void synced() {
    lastSync = Optional.of(ticker.now());
  }

  Optional<Moment> lastSync() {
    return lastSync;
  }

  /// Every counter, and the ages of the last collection and sync once there was one.
  Map<String, Long> read() {
    var all = new TreeMap<String, Long>();
    counts.forEach((name, count) -> all.put(name, count.sum()));
    all.put("last_plan_millis", lastPlanning.toMillis());
    Moment now = ticker.now();
    lastCollection.ifPresent(
        at -> all.put("last_manifest_collection_age_seconds", now.since(at).toSeconds()));
    lastSync.ifPresent(at -> all.put("last_sync_execution_age_seconds", now.since(at).toSeconds()));
    return all;
  }
}
