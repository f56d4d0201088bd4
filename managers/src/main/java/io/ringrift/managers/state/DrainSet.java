package io.ringrift.managers.state;

import io.ringrift.kernel.Pure;
import io.ringrift.state.v1.CommandResult;
import io.ringrift.state.v1.SetDrain;
import io.ringrift.state.v1.StoredDrain;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// Nodes that take no new jobs and claim no work.
@Pure
final class DrainSet {
  /// Most draining nodes.
  static final int MOST_DRAINS = 10_000;

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

  Decision decide(SetDrain command, long index) {
    String node = command.getNodeId();
    if (node.isEmpty() || node.length() > 63) {
      return Decision.invalid("node_id", node, "1 to 63 characters");
    }
    if (command.getDrain() == drains.containsKey(node)) {
      return new Decision.Settled(CommandResult.getDefaultInstance());
    }
    if (command.getDrain() && drains.size() >= MOST_DRAINS) {
      return Decision.invalid("node_id", node, "one of at most " + MOST_DRAINS + " draining nodes");
    }
    return new Decision.Change(
        () -> {
          if (command.getDrain()) {
            var drain =
                StoredDrain.newBuilder()
                    .setNodeId(node)
                    .setIndex(index)
                    .setRemoving(command.getRemoving())
                    .build();
            drains.put(node, drain);
            changes.record(Family.DRAINS, Keys.of(node), null, drain);
            events.add("NODE_DRAINING", node, Map.of("node_id", node));
          } else {
            changes.record(Family.DRAINS, Keys.of(node), drains.remove(node), null);
            events.add("NODE_UNDRAINED", node, Map.of("node_id", node));
          }
          return CommandResult.getDefaultInstance();
        });
  }
}
