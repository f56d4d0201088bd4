package io.ringrift.managers.state;

import io.ringrift.kernel.Pure;
import io.ringrift.queue.v1.WorkItem;
import io.ringrift.queue.v1.WorkState;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// Work items by id, in the order of creation, by readiness, by the end of their claims and by who
/// depends on whom.
@Pure
final class WorkTable {
  /// Most ended items kept; the oldest that nobody depends on are forgotten first.
  static final int MOST_ENDED = 20_000;

  /// Most bytes of ended items that nobody depends on, as `Room` weighs them.
  static final long MOST_ENDED_BYTES = 16L << 20;

  private record Deadline(long ledgerMillis, long sequence) implements Comparable<Deadline> {
    @Override
    public int compareTo(Deadline other) {
      int byTime = Long.compare(ledgerMillis, other.ledgerMillis);
      return byTime != 0 ? byTime : Long.compare(sequence, other.sequence);
    }
  }

  private final Changes changes;
  private final Predicate<String> awaited;
  private final TreeMap<String, WorkItem> byId = new TreeMap<>();
  private final TreeMap<Long, String> bySequence = new TreeMap<>();
  private final TreeMap<Deadline, String> deadlines = new TreeMap<>();
  private final TreeMap<WorkState, Integer> counts = new TreeMap<>();
  private final Map<String, TreeSet<String>> dependents = new HashMap<>();
  private final EndedIndex ended = new EndedIndex(MOST_ENDED, MOST_ENDED_BYTES);
  private final ReadyIndex ready = new ReadyIndex();
  private long weight;

  /// @param awaited whether somebody still has to be told how an item of this id ended; a function
  ///   of the state, true of a few
  WorkTable(Changes changes, Predicate<String> awaited) {
    this.changes = changes;
    this.awaited = awaited;
  }

  void load(Collection<WorkItem> items) {
    items.forEach(item -> byId.put(item.getWorkId(), item));
    items.forEach(this::index);
  }

  @Nullable WorkItem get(String id) {
    return byId.get(id);
  }

  ReadyIndex ready() {
    return ready;
  }

  void put(WorkItem item) {
    WorkItem before = byId.put(item.getWorkId(), item);
    if (before != null) {
      unindex(before);
    }
    index(item);
    changes.record(Family.WORK, Keys.of(item.getWorkId()), before, item);
    if (item.getState() == WorkState.WORK_STATE_COMPLETED) {
      release(item.getWorkId());
    }
    for (var old = ended.excess(awaited); old.isPresent(); old = ended.excess(awaited)) {
      remove(old.get());
    }
  }

  /// Items whose dependency just completed may have become ready.
  private void release(String completed) {
    for (String id : dependents.getOrDefault(completed, new TreeSet<>())) {
      WorkItem dependent = byId.get(id);
      if (dependent != null && isReady(dependent)) {
        ready.add(dependent);
      }
    }
  }

  void remove(String id) {
    WorkItem item = byId.remove(id);
    if (item != null) {
      unindex(item);
      changes.record(Family.WORK, Keys.of(id), item, null);
    }
  }

  /// Ids of held items whose lease or attempt is over, the longest over first.
  List<String> overdue(long ledgerMillis) {
    return List.copyOf(deadlines.headMap(new Deadline(ledgerMillis + 1, 0)).values());
  }

  /// Held items in the order of their deadlines.
  List<WorkItem> held() {
    var found = new ArrayList<WorkItem>(deadlines.size());
    for (String id : deadlines.values()) {
      WorkItem item = byId.get(id);
      if (item != null) {
        found.add(item);
      }
    }
    return found;
  }

  /// Ids of items that ended before and on which nothing waits.
  List<String> droppable(long endedBeforeLedgerMillis) {
    return ended.endedBefore(endedBeforeLedgerMillis).stream().filter(awaited.negate()).toList();
  }

  /// Dependencies that are not completed.
  List<String> waitsFor(WorkItem item) {
    return item.getSpec().getDependsOnList().stream().filter(id -> !completed(id)).toList();
  }

  Collection<WorkItem> withPrefix(String prefix) {
    return byId.subMap(prefix, true, prefix + Character.MAX_VALUE, false).values();
  }

  /// Ids before this place in the order of creation, newest first.
  Collection<String> newestBefore(long sequence) {
    return bySequence.headMap(sequence, false).descendingMap().values();
  }

  Map<WorkState, Integer> counts() {
    return new TreeMap<>(counts);
  }

  int pending() {
    return counts.getOrDefault(WorkState.WORK_STATE_PENDING, 0);
  }

  private boolean isReady(WorkItem item) {
    return item.getState() == WorkState.WORK_STATE_PENDING
        && item.getSpec().getDependsOnList().stream().allMatch(this::completed);
  }

  private boolean completed(String id) {
    WorkItem item = byId.get(id);
    return item != null && item.getState() == WorkState.WORK_STATE_COMPLETED;
  }

  /// Bytes of the items that have not ended, or on which such items depend.
  long keptWeight() {
    return weight - ended.weight();
  }

  /// Only what nobody waits for may be forgotten, so that looking for the oldest never walks over
  /// what must stay.
  private void indexEnded(String id) {
    WorkItem item = byId.get(id);
    if (item == null || !WorkLifecycle.ended(item.getState())) {
      return;
    }
    if (dependents.containsKey(id)) {
      ended.remove(item.getEndLedgerMillis(), item.getSequence());
    } else {
      ended.add(item.getEndLedgerMillis(), item.getSequence(), id, Room.weight(item));
    }
  }

  private void index(WorkItem item) {
    weight += Room.weight(item);
    bySequence.put(item.getSequence(), item.getWorkId());
    counts.merge(item.getState(), 1, Integer::sum);
    if (WorkLifecycle.ended(item.getState())) {
      indexEnded(item.getWorkId());
      return;
    }
    for (String dependency : item.getSpec().getDependsOnList()) {
      dependents.computeIfAbsent(dependency, _ -> new TreeSet<>()).add(item.getWorkId());
      indexEnded(dependency);
    }
    if (WorkLifecycle.held(item.getState())) {
      deadlines.put(deadline(item), item.getWorkId());
    } else if (isReady(item)) {
      ready.add(item);
    }
  }

  private void unindex(WorkItem item) {
    weight -= Room.weight(item);
    bySequence.remove(item.getSequence());
    counts.computeIfPresent(item.getState(), (_, count) -> count == 1 ? null : count - 1);
    ended.remove(item.getEndLedgerMillis(), item.getSequence());
    deadlines.remove(deadline(item));
    ready.remove(item);
    for (String dependency : item.getSpec().getDependsOnList()) {
      dependents.computeIfPresent(
          dependency,
          (_, ids) -> {
            ids.remove(item.getWorkId());
            return ids.isEmpty() ? null : ids;
          });
      indexEnded(dependency);
    }
  }

  private static Deadline deadline(WorkItem item) {
    return new Deadline(
        Math.min(item.getLeaseEndLedgerMillis(), item.getAttemptEndLedgerMillis()),
        item.getSequence());
  }
}
