package io.ringrift.managers.state;

import io.ringrift.kernel.Pure;
import io.ringrift.state.v1.CommandResult;
import io.ringrift.state.v1.SetDrain;
import io.ringrift.state.v1.StoredDrain;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Nodes that take no new jobs and claim no work.
@Pure
final class DrainSet {
  /// Most draining nodes.
  static final int MOST_DRAINS = 10_000;

  private static final long LONGEST_MILLIS = 30L * 86_400_000;

  private final Changes changes;
  private final EventRing events;
  private final TreeMap<String, StoredDrain> drains = new TreeMap<>();

  DrainSet(Changes changes, EventRing events) {
    this.changes = changes;
    this.events = events;
  }

  void load(StoredDrain drain) {
    drains.put(drain.getNodeId(), drain);
  }

  boolean contains(String nodeId) {
    return drains.containsKey(nodeId);
  }

  List<String> nodes() {
    return List.copyOf(drains.keySet());
  }

  /// Those that auto scaling removes once they are empty, with the index of that order.
  Map<String, Long> removing() {
    return drains.values().stream()
        .filter(StoredDrain::getRemoving)
        .collect(Collectors.toMap(StoredDrain::getNodeId, StoredDrain::getIndex));
  }

  /// Those whose time is over.
  List<String> over(long ledgerMillis) {
    return drains.values().stream()
        .filter(drain -> drain.getUntilMillis() > 0 && drain.getUntilMillis() <= ledgerMillis)
        .map(StoredDrain::getNodeId)
        .toList();
  }

  void lift(String node) {
    changes.record(Family.DRAINS, Keys.of(node), drains.remove(node), null);
    events.add("NODE_UNDRAINED", node, Map.of("node_id", node));
  }

  Decision decide(SetDrain command, long index, long ledgerMillis) {
    String node = command.getNodeId();
    if (node.isEmpty() || node.length() > 63) {
      return Decision.invalid("node_id", node, "1 to 63 characters");
    }
    long after = command.getLiftedAfterMillis();
    if (after < 0 || after > LONGEST_MILLIS || (after > 0 && !command.getDrain())) {
      return Decision.invalid("lifted_after", after + " ms", "at most 30 d, and of a drain alone");
    }
    long until = after == 0 ? 0 : ledgerMillis + after;
    @Nullable StoredDrain there = drains.get(node);
    boolean settled =
        command.getDrain()
            ? there != null && (command.getRemoving() || outlasts(there, until))
            : there == null;
    if (settled) {
      return new Decision.Settled(CommandResult.getDefaultInstance());
    }
    if (command.getDrain() && there == null && drains.size() >= MOST_DRAINS) {
      return Decision.invalid("node_id", node, "one of at most " + MOST_DRAINS + " draining nodes");
    }
    var drain =
        StoredDrain.newBuilder()
            .setNodeId(node)
            .setIndex(index)
            .setRemoving(command.getRemoving())
            .setUntilMillis(until)
            .build();
    return new Decision.Change(
        () -> {
          if (command.getDrain()) {
            changes.record(Family.DRAINS, Keys.of(node), drains.put(node, drain), drain);
            events.add("NODE_DRAINING", node, Map.of("node_id", node));
          } else {
            lift(node);
          }
          return CommandResult.getDefaultInstance();
        });
  }

  private static boolean outlasts(StoredDrain there, long until) {
    return there.getUntilMillis() == 0 || (until > 0 && until <= there.getUntilMillis());
  }
}
