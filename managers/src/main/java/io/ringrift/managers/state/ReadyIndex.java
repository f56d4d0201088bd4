package io.ringrift.managers.state;

import io.ringrift.kernel.Pure;
import io.ringrift.queue.v1.WorkItem;
import io.ringrift.queue.v1.WorkSpec;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.TreeMap;
import java.util.function.Predicate;

/// Pending items whose dependencies are done, arranged so that a claim looks only at heads. A lane
/// holds the items that ask the same of a worker, and in a lane each priority has its own row in
/// the order of creation. Ageing never changes the order within a row, so the best item of a lane
/// is the head of one of its rows, and a claim costs (matching rows) x log, however long the rows
/// are.
@Pure
final class ReadyIndex {
  /// Ageing: one point for each minute of ledger time that the item waits, at most 50.
  static final long MILLIS_PER_POINT = 60_000;

  private static final long MOST_AGEING_MILLIS = 50 * MILLIS_PER_POINT;

  /// What a worker needs for an item.
  record Lane(String workType, String target, String workload, int gpus, long memoryBytes) {}

  /// Who asks, and for what.
  ///
  /// @param memoryBytes 0 when it does not tell, which fits everything
  record Asker(
      String worker,
      Collection<String> capabilities,
      int freeGpus,
      long memoryBytes,
      Collection<String> workloads,
      boolean anyWorkload) {
    boolean fits(Lane lane) {
      return (lane.target().isEmpty() || lane.target().equals(worker))
          && lane.gpus() <= freeGpus
          && (memoryBytes <= 0 || lane.memoryBytes() <= memoryBytes)
          && (anyWorkload || (!lane.workload().isEmpty() && workloads.contains(lane.workload())));
    }
  }

  private record Row(Lane lane, Iterator<WorkItem> rest, WorkItem head) {}

  private final Map<String, Map<Lane, TreeMap<Integer, TreeMap<Long, WorkItem>>>> lanes =
      new HashMap<>();
  private int size;
  private long looks;

  void add(WorkItem item) {
    Lane lane = lane(item.getSpec());
    WorkItem before =
        lanes
            .computeIfAbsent(lane.workType(), _ -> new HashMap<>())
            .computeIfAbsent(lane, _ -> new TreeMap<>(Collections.reverseOrder()))
            .computeIfAbsent(priority(item.getSpec()), _ -> new TreeMap<>())
            .put(item.getSequence(), item);
    size += before == null ? 1 : 0;
  }

  /// Takes an item out; one that is not in is fine.
  void remove(WorkItem item) {
    Lane lane = lane(item.getSpec());
    var ofType = lanes.get(lane.workType());
    var rows = ofType == null ? null : ofType.get(lane);
    var row = rows == null ? null : rows.get(priority(item.getSpec()));
    if (ofType == null || rows == null || row == null || row.remove(item.getSequence()) == null) {
      return;
    }
    size--;
    if (row.isEmpty()) {
      rows.remove(priority(item.getSpec()));
    }
    if (rows.isEmpty()) {
      ofType.remove(lane);
    }
    if (ofType.isEmpty()) {
      lanes.remove(lane.workType());
    }
  }

  int size() {
    return size;
  }

  /// Items looked at by all claims so far; what tests count to show that claims do not scan.
  long looks() {
    return looks;
  }

  /// The items that the asker would get, best first, in the filter order of SPEC 7.3.
  ///
  /// @param allowed of these only
  List<WorkItem> pick(Asker asker, int most, long ledgerMillis, Predicate<WorkItem> allowed) {
    var rows = new PriorityQueue<Row>((a, b) -> compare(a.head(), b.head(), ledgerMillis));
    asker.capabilities().stream()
        .distinct()
        .map(type -> lanes.getOrDefault(type, Map.of()))
        .forEach(
            ofType ->
                ofType.forEach(
                    (lane, byPriority) -> {
                      if (asker.fits(lane)) {
                        byPriority.values().forEach(row -> push(rows, lane, row.values()));
                      }
                    }));
    var picked = new ArrayList<WorkItem>();
    int gpus = asker.freeGpus();
    while (picked.size() < most && !rows.isEmpty()) {
      Row row = rows.remove();
      looks++;
      if (row.lane().gpus() > gpus) {
        continue;
      }
      boolean kept =
          !allowed.test(row.head())
              || excludes(row.head().getSpec(), asker.worker())
              || WorkRefusals.keeps(row.head(), asker.worker(), ledgerMillis);
      if (!kept) {
        picked.add(row.head());
        gpus -= row.lane().gpus();
      }
      if (row.rest().hasNext()) {
        rows.add(new Row(row.lane(), row.rest(), row.rest().next()));
      }
    }
    return picked;
  }

  private static void push(PriorityQueue<Row> rows, Lane lane, Collection<WorkItem> items) {
    Iterator<WorkItem> rest = items.iterator();
    rows.add(new Row(lane, rest, rest.next()));
  }

  /// Every ready item in claim order, for lists and explanations.
  List<WorkItem> inClaimOrder(long ledgerMillis) {
    var all = new ArrayList<WorkItem>(size);
    for (var ofType : lanes.values()) {
      for (var rows : ofType.values()) {
        rows.values().forEach(row -> all.addAll(row.values()));
      }
    }
    all.sort((a, b) -> compare(a, b, ledgerMillis));
    return all;
  }

  /// Greater effective priority first, then the earlier created.
  static int compare(WorkItem a, WorkItem b, long ledgerMillis) {
    int byPoints = Long.compare(pointMillis(b, ledgerMillis), pointMillis(a, ledgerMillis));
    return byPoints != 0 ? byPoints : Long.compare(a.getSequence(), b.getSequence());
  }

  /// Priority with ageing, in points times `MILLIS_PER_POINT`.
  static long pointMillis(WorkItem item, long ledgerMillis) {
    long waited = Math.max(0, ledgerMillis - item.getCreateLedgerMillis());
    return priority(item.getSpec()) * MILLIS_PER_POINT + Math.min(waited, MOST_AGEING_MILLIS);
  }

  /// Priority with ageing, in points, for people.
  static double effectivePriority(WorkItem item, long ledgerMillis) {
    return (double) pointMillis(item, ledgerMillis) / MILLIS_PER_POINT;
  }

  static int priority(WorkSpec spec) {
    return spec.hasPriority() ? Math.clamp(spec.getPriority(), 0, 100) : 50;
  }

  static boolean excludes(WorkSpec spec, String worker) {
    return spec.getExcludedNodeIdsList().contains(worker)
        || spec.getJob().getExcludedNodeIdsList().contains(worker);
  }

  /// An item with exec argv needs a worker that offers the workload `exec`; one without any job is
  /// only for clients that take any.
  static Lane lane(WorkSpec spec) {
    var job = spec.getJob();
    String workload =
        job.getWorkload().isEmpty() && job.getExecArgvCount() > 0 ? "exec" : job.getWorkload();
    String target =
        spec.getTargetNodeId().isEmpty() ? job.getTargetNodeId() : spec.getTargetNodeId();
    return new Lane(
        spec.getWorkType(),
        target,
        workload,
        Math.max(0, job.getGpus()),
        Math.max(0, job.getMemoryBytes()));
  }
}
