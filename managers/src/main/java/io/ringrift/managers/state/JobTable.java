package io.ringrift.managers.state;

import io.ringrift.job.v1.Job;
import io.ringrift.job.v1.JobState;
import io.ringrift.kernel.Pure;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// Jobs by id, in the order of creation, and by what they are doing.
@Pure
final class JobTable {
  /// Most ended jobs kept; the oldest are forgotten first.
  static final int MOST_ENDED = 10_000;

  /// Most bytes of ended jobs kept, as `Room` weighs them.
  static final long MOST_ENDED_BYTES = 8L << 20;

  private final Changes changes;
  private final TreeMap<String, Job> byId = new TreeMap<>();
  private final TreeMap<Long, String> bySequence = new TreeMap<>();
  private final TreeSet<String> onNodes = new TreeSet<>();
  private final TreeMap<JobState, Integer> counts = new TreeMap<>();
  private final EndedIndex ended = new EndedIndex(MOST_ENDED, MOST_ENDED_BYTES);
  private long weight;

  JobTable(Changes changes) {
    this.changes = changes;
  }

  void load(Job job) {
    byId.put(job.getJobId(), job);
    index(job);
  }

  @Nullable Job get(String id) {
    return byId.get(id);
  }

  /// Stores a job that was changed, and forgets the oldest ended ones above the bound.
  void put(Job job) {
    Job before = byId.put(job.getJobId(), job);
    if (before != null) {
      unindex(before);
    }
    index(job);
    changes.record(Family.JOBS, Keys.of(job.getJobId()), before, job);
    for (var oldest = ended.excess(); oldest.isPresent(); oldest = ended.excess()) {
      remove(oldest.get());
    }
  }

  private void remove(String id) {
    Job job = byId.remove(id);
    if (job != null) {
      unindex(job);
      changes.record(Family.JOBS, Keys.of(id), job, null);
    }
  }

  /// Jobs that have a node, in the order of their ids.
  List<Job> onNode(String nodeId) {
    var found = new ArrayList<Job>();
    for (String id : onNodes) {
      Optional.ofNullable(byId.get(id))
          .filter(job -> job.getNodeId().equals(nodeId))
          .ifPresent(found::add);
    }
    return found;
  }

  /// Jobs whose id begins with this, in the order of their ids.
  Collection<Job> withPrefix(String prefix) {
    return byId.subMap(prefix, true, prefix + Character.MAX_VALUE, false).values();
  }

  /// Ids before this place in the order of creation, newest first.
  Collection<String> newestBefore(long sequence) {
    return bySequence.headMap(sequence, false).descendingMap().values();
  }

  /// Ids behind this place in the order of creation, oldest first.
  Collection<String> oldestAfter(long sequence) {
    return bySequence.tailMap(sequence, false).values();
  }

  /// Jobs by state.
  Map<JobState, Integer> counts() {
    return new TreeMap<>(counts);
  }

  /// Jobs that have not ended.
  int unended() {
    return byId.size() - ended.size();
  }

  /// Bytes of the jobs that have not ended.
  long keptWeight() {
    return weight - ended.weight();
  }

  private void index(Job job) {
    weight += Room.weight(job);
    bySequence.put(job.getSequence(), job.getJobId());
    counts.merge(job.getState(), 1, Integer::sum);
    if (JobLifecycle.ended(job.getState())) {
      ended.add(job.getEndLedgerMillis(), job.getSequence(), job.getJobId(), Room.weight(job));
    } else if (job.getState() != JobState.JOB_STATE_PENDING) {
      onNodes.add(job.getJobId());
    }
  }

  private void unindex(Job job) {
    weight -= Room.weight(job);
    bySequence.remove(job.getSequence());
    counts.computeIfPresent(job.getState(), (_, count) -> count == 1 ? null : count - 1);
    ended.remove(job.getEndLedgerMillis(), job.getSequence());
    onNodes.remove(job.getJobId());
  }
}
