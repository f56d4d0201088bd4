package io.ringrift.managers.job;

import io.ringrift.job.v1.Job;
import io.ringrift.managers.Health;
import io.ringrift.managers.RecentOutcomes;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.SequencedSet;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;

/// What became of the jobs that this node took and was told of, and of the nodes that they ran on
/// (SPEC 5.4). Ends are told to the leader, so at other nodes they stay zero. Safe for any thread.
final class JobOutcomes {
  private static final int MOST_REMEMBERED = 10_000;

  private final AtomicLong spawned = new AtomicLong();
  private final AtomicLong completed = new AtomicLong();
  private final AtomicLong failed = new AtomicLong();
  private final AtomicLong cancelled = new AtomicLong();
  private final AtomicLong recovered = new AtomicLong();
  private final AtomicLong offline = new AtomicLong();
  private final AtomicLong online = new AtomicLong();
  private final RecentOutcomes recent = new RecentOutcomes();

  /// Jobs whose end is counted, oldest first; guarded by this.
  private final SequencedSet<String> counted = new LinkedHashSet<>();

  void spawned() {
    spawned.incrementAndGet();
  }

  /// Notes a job as a command left it. Reports are repeated and commands touch what has ended; each
  /// job counts once.
  synchronized void saw(Job job) {
    if (!Exits.ended(job.getState()) || !counted.add(job.getJobId())) {
      return;
    }
    if (counted.size() > MOST_REMEMBERED) {
      counted.removeFirst();
    }
    switch (job.getState()) {
      case JOB_STATE_COMPLETE -> {
        completed.incrementAndGet();
        recent.add(false);
      }
      case JOB_STATE_FAILED -> {
        failed.incrementAndGet();
        recent.add(true);
      }
      case JOB_STATE_CANCELLED -> cancelled.incrementAndGet();
      case JOB_STATE_UNSPECIFIED,
          JOB_STATE_PENDING,
          JOB_STATE_CLAIMED,
          JOB_STATE_STARTING,
          JOB_STATE_RUNNING,
          JOB_STATE_EXPIRED,
          JOB_STATE_LOST,
          JOB_STATE_PROMOTED,
          UNRECOGNIZED -> {}
    }
  }

  /// A node went and took jobs with it. One without jobs costs nothing and does not count.
  void hostOffline() {
    offline.incrementAndGet();
  }

  /// A node came, or came again.
  void hostOnline() {
    online.incrementAndGet();
  }

  /// A node that was suspected is well.
  void nodeRecovered() {
    recovered.incrementAndGet();
  }

  Map<String, Long> counters() {
    var counters = new TreeMap<String, Long>();
    counters.put("jobs_spawned", spawned.get());
    counters.put("jobs_completed", completed.get());
    counters.put("jobs_failed", failed.get());
    counters.put("jobs_cancelled", cancelled.get());
    counters.put("nodes_recovered", recovered.get());
    counters.put("hosts_offline", offline.get());
    counters.put("hosts_online", online.get());
    return counters;
  }

  /// An office begins: what was seen in an earlier one says nothing of how things go now.
  void officeBegins() {
    recent.forget();
  }

  /// By the share of failures among the last that completed or failed. Only the leader is told how
  /// jobs end; elsewhere the share would stay what it once was.
  Health health(boolean leads, Map<String, String> details) {
    return leads ? recent.health(details) : Health.running(details);
  }
}
