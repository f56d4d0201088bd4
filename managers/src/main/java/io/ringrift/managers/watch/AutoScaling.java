package io.ringrift.managers.watch;

import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.time.Moment;
import io.ringrift.kernel.time.Ticker;
import io.ringrift.managers.LoopSpec;
import io.ringrift.state.v1.Command;
import io.ringrift.state.v1.SetDrain;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Adds nodes while much waits, and drains and removes idle ones while little does. Off without a
/// scaler. A node is removed only once it is drained and runs nothing.
final class AutoScaling {
  private static final Logger LOG = LoggerFactory.getLogger(AutoScaling.class);

  private final Office office;
  private final ScaleConfig config;
  private final Scaler scaler;
  private final Ticker ticker;
  private final AtomicLong ups = new AtomicLong();
  private final AtomicLong downs = new AtomicLong();
  private final AtomicLong added = new AtomicLong();
  private final AtomicLong removed = new AtomicLong();
  private final AtomicLong cooling = new AtomicLong();

  // Used by the loop's thread only.
  private Optional<Epoch> term = Optional.empty();
  private Moment last = Moment.MIN;
  private Set<String> idleBefore = Set.of();
  private final Set<String> asked = new TreeSet<>();

  AutoScaling(Office office, ScaleConfig config, Scaler scaler, Ticker ticker) {
    this.office = office;
    this.config = config;
    this.scaler = scaler;
    this.ticker = ticker;
  }

  LoopSpec loop() {
    return new LoopSpec(
        "auto_scaling",
        config.interval(),
        config.interval(),
        true,
        List.of("manifest_collection"),
        this::round,
        this::counters);
  }

  Map<String, Long> counters() {
    return Map.of(
        "enabled", scaler.active() ? 1L : 0L,
        "scale_ups", ups.get(),
        "scale_downs", downs.get(),
        "nodes_added", added.get(),
        "nodes_removed", removed.get(),
        "skipped_cooldown", cooling.get());
  }

  private void round(Optional<Epoch> duty) {
    if (!scaler.active()) {
      return;
    }
    Epoch epoch = duty.orElseThrow();
    if (!term.equals(duty)) {
      term = duty;
      asked.clear();
      idleBefore = Set.of();
    }
    List<NodeLoad> nodes = office.nodes();
    var counts = office.counts();
    removeEmpty(epoch, nodes, counts.getRemovingMap());
    List<NodeLoad> active = nodes.stream().filter(n -> n.alive() && !n.draining()).toList();
    List<String> idle = idle(active);
    int pending = counts.getWorkOrDefault("PENDING", 0);
    switch (ScaleRule.decide(pending, active.size(), idle, config)) {
      case ScaleRule.Decision.Stay(var why) -> LOG.debug("no scaling: {}", why);
      case ScaleRule.Decision.Up(var more) -> {
        if (rested()) {
          up(epoch, more, pending, active.size());
        }
      }
      case ScaleRule.Decision.Down(var away) -> {
        if (rested()) {
          down(epoch, away);
        }
      }
    }
  }

  /// Idle in this round and in the last one, no voter, and the scaler's to take away.
  private List<String> idle(List<NodeLoad> active) {
    Set<String> now =
        active.stream()
            .filter(n -> n.runningJobs() == 0 && !n.voter())
            .map(NodeLoad::nodeId)
            .filter(scaler::mayRemove)
            .collect(Collectors.toSet());
    var both = new TreeSet<>(now);
    both.retainAll(idleBefore);
    idleBefore = now;
    return List.copyOf(both);
  }

  private boolean rested() {
    Moment now = ticker.now();
    if (!last.equals(Moment.MIN) && now.since(last).compareTo(config.cooldown()) < 0) {
      cooling.incrementAndGet();
      return false;
    }
    last = now;
    return true;
  }

  private void up(Epoch epoch, int more, int pending, int active) {
    office.guard(epoch);
    scaler.add(more, "up-" + epoch + "-" + ups.incrementAndGet());
    added.addAndGet(more);
    LOG.info("{} nodes asked for: {} items wait for {} nodes", more, pending, active);
    office.event(
        epoch,
        "SCALE_UP",
        "cluster",
        Map.of("nodes", Integer.toString(more), "pending", Integer.toString(pending)));
  }

  private void down(Epoch epoch, List<String> nodes) {
    downs.incrementAndGet();
    for (String node : nodes) {
      office.apply(epoch, drain(node, true));
    }
    LOG.info("{} are drained: they are idle and little waits", nodes);
    office.event(epoch, "SCALE_DOWN", "cluster", Map.of("nodes", String.join(",", nodes)));
  }

  /// The drain itself tells that a node is to go, so the next leader goes on with it and whoever
  /// lifts the drain keeps the node.
  ///
  /// @param removing nodes with the ledger index of their drain
  private void removeEmpty(Epoch epoch, List<NodeLoad> nodes, Map<String, Long> removing) {
    for (NodeLoad node : nodes) {
      Long drained = removing.get(node.nodeId());
      if (drained != null
          && node.alive()
          && node.runningJobs() == 0
          && holdsNothing(node.nodeId())) {
        office.guard(epoch);
        scaler.remove(node.nodeId(), "down-" + drained + "-" + node.nodeId());
        if (asked.add(node.nodeId())) {
          removed.incrementAndGet();
        }
      }
    }
    lift(epoch, nodes, removing.keySet());
  }

  /// A machine of that name may come again: its drain ends with it.
  private void lift(Epoch epoch, List<NodeLoad> nodes, Set<String> removing) {
    Set<String> alive =
        nodes.stream().filter(NodeLoad::alive).map(NodeLoad::nodeId).collect(Collectors.toSet());
    for (String node : removing) {
      if (!alive.contains(node)) {
        office.apply(epoch, drain(node, false));
        asked.remove(node);
      }
    }
  }

  private static Command.Builder drain(String node, boolean on) {
    return Command.newBuilder()
        .setSetDrain(SetDrain.newBuilder().setNodeId(node).setDrain(on).setRemoving(on));
  }

  /// Its facts may be older than the drain.
  private boolean holdsNothing(String node) {
    return office.jobsAt(node).isEmpty() && office.itemsAt(node).isEmpty();
  }
}
