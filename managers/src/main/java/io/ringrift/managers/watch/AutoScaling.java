package io.ringrift.managers.watch;

import io.ringrift.event.v1.Event;
import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.time.Moment;
import io.ringrift.kernel.time.Ticker;
import io.ringrift.managers.LoopSpec;
import io.ringrift.state.v1.Command;
import io.ringrift.state.v1.SetDrain;
import io.ringrift.sync.v1.TooFewCopies;
import java.time.Duration;
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
/// scaler. A node is removed only once it is drained, runs nothing, and others hold what it holds;
/// one that waits too long for that works again.
final class AutoScaling {
  private static final Logger LOG = LoggerFactory.getLogger(AutoScaling.class);

  /// Attribute of the events of decisions.
  private static final String LEDGER_MILLIS = "ledger_millis";

  private static final Set<String> DECISIONS = Set.of("SCALE_UP", "SCALE_DOWN");

  private final Office office;
  private final ScaleConfig config;
  private final Scaler scaler;
  private final Ticker ticker;
  private final AtomicLong ups = new AtomicLong();
  private final AtomicLong downs = new AtomicLong();
  private final AtomicLong added = new AtomicLong();
  private final AtomicLong removed = new AtomicLong();
  private final AtomicLong cooling = new AtomicLong();
  private final AtomicLong waiting = new AtomicLong();
  private final AtomicLong givenBack = new AtomicLong();

  // Used by the loop's thread only.
  private Optional<Epoch> term = Optional.empty();
  private Moment last = Moment.MIN;
  private Set<String> idleBefore = Set.of();
  private final Set<String> asked = new TreeSet<>();
  private final CopyWaits waits = new CopyWaits();

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
        "nodes_given_back", givenBack.get(),
        "waiting_for_copies", waiting.get(),
        "skipped_cooldown", cooling.get());
  }

  private void round(Optional<Epoch> duty) {
    if (!scaler.active()) {
      return;
    }
    Epoch epoch = duty.orElseThrow();
    var counts = office.counts();
    if (!term.equals(duty)) {
      recall(counts.getLedgerMillis());
      term = duty;
      asked.clear();
      waits.clear();
      idleBefore = Set.of();
    }
    List<NodeLoad> nodes = office.nodes();
    List<NodeLoad> active = nodes.stream().filter(n -> n.alive() && !n.draining()).toList();
    removeEmpty(epoch, nodes, active, counts.getRemovingMap());
    List<String> idle = ScaleRule.spare(idle(active), active);
    int pending = counts.getWorkOrDefault("PENDING", 0);
    switch (ScaleRule.decide(pending, active.size(), idle, config)) {
      case ScaleRule.Decision.Stay(var why) -> LOG.debug("no scaling: {}", why);
      case ScaleRule.Decision.Up(var more) -> {
        if (rested()) {
          up(epoch, more, pending, active.size(), counts.getLedgerMillis());
        }
      }
      case ScaleRule.Decision.Down(var away) -> {
        if (rested()) {
          down(epoch, away, counts.getLedgerMillis());
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
            .filter(node -> scaler.mayRemove(node) && !waits.rests(node, ticker.now()))
            .collect(Collectors.toSet());
    var both = new TreeSet<>(now);
    both.retainAll(idleBefore);
    idleBefore = now;
    return List.copyOf(both);
  }

  /// The last decision of any leader counts, by ledger time.
  private void recall(long ledgerMillis) {
    for (Event event : office.events().events()) {
      String at = event.getAttributesOrDefault(LEDGER_MILLIS, "");
      if (DECISIONS.contains(event.getKind()) && at.matches("[0-9]{1,18}")) {
        var age = Duration.ofMillis(Math.max(0, ledgerMillis - Long.parseLong(at)));
        if (age.compareTo(config.cooldown()) < 0) {
          last = last.max(ticker.now().minus(age));
        }
      }
    }
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

  private void up(Epoch epoch, int more, int pending, int active, long ledgerMillis) {
    office.guard(epoch);
    scaler.add(more, "up-" + epoch + "-" + ups.incrementAndGet());
    added.addAndGet(more);
    LOG.info("{} nodes asked for: {} items wait for {} nodes", more, pending, active);
    office.event(
        epoch,
        "SCALE_UP",
        "cluster",
        Map.of(
            "nodes",
            Integer.toString(more),
            "pending",
            Integer.toString(pending),
            LEDGER_MILLIS,
            Long.toString(ledgerMillis)));
  }

  private void down(Epoch epoch, List<String> nodes, long ledgerMillis) {
    downs.incrementAndGet();
    for (String node : nodes) {
      office.apply(epoch, drain(node, true));
    }
    LOG.info("{} are drained: they are idle and little waits", nodes);
    office.event(
        epoch,
        "SCALE_DOWN",
        "cluster",
        Map.of("nodes", String.join(",", nodes), LEDGER_MILLIS, Long.toString(ledgerMillis)));
  }

  /// The drain itself tells that a node is to go, so the next leader goes on with it and whoever
  /// lifts the drain keeps the node. A node that this scaler cannot take away is given back to
  /// work: that of the leader who drained it may never lead again. So is one that meanwhile is the
  /// last for some work.
  ///
  /// @param removing nodes with the ledger index of their drain
  private void removeEmpty(
      Epoch epoch, List<NodeLoad> nodes, List<NodeLoad> active, Map<String, Long> removing) {
    long kept = 0;
    waits.keep(removing.keySet());
    for (NodeLoad node : nodes) {
      Long drained = removing.get(node.nodeId());
      if (drained == null || !node.alive()) {
        continue;
      }
      if (!scaler.mayRemove(node.nodeId())) {
        giveBack(epoch, node.nodeId(), "it is not this node's to take away");
      } else if (ScaleRule.onlyAt(node, active).isPresent()) {
        giveBack(epoch, node.nodeId(), "no other does " + ScaleRule.onlyAt(node, active).get());
      } else if (node.runningJobs() == 0 && holdsNothing(node.nodeId())) {
        kept += removedOrGivenBack(epoch, node.nodeId(), drained) ? 0 : 1;
      }
    }
    waiting.set(kept);
    if (!removing.isEmpty()) {
      lift(epoch, removing.keySet());
    }
  }

  /// @return false while it waits, for something would be lost with it
  private boolean removedOrGivenBack(Epoch epoch, String node, long drained) {
    Optional<String> needed = needed(node);
    if (needed.isEmpty()) {
      office.guard(epoch);
      scaler.remove(node, "down-" + drained + "-" + node);
      if (asked.add(node)) {
        removed.incrementAndGet();
      }
      return true;
    }
    LOG.info("{} stays: {}", node, needed.get());
    if (!waits.tooLong(node, ticker.now())) {
      return false;
    }
    giveBack(epoch, node, needed.get());
    office.event(
        epoch,
        "CLUSTER_ALERT",
        node,
        Map.of(
            "alert",
            "scale_down_given_up",
            "severity",
            "warning",
            "message",
            "drained for %d minutes and given back to work: %s; see `sync copies %s`"
                .formatted(CopyWaits.PATIENCE.toMinutes(), needed.get(), node)));
    return true;
  }

  private void giveBack(Epoch epoch, String node, String why) {
    office.apply(epoch, drain(node, false));
    givenBack.incrementAndGet();
    LOG.info("{} works again: {}", node, why);
  }

  /// Sync copies what a draining node alone holds; until then it stays.
  ///
  /// @return what would be lost with it, if anything
  private Optional<String> needed(String node) {
    try {
      var copies = office.copies(node);
      String path =
          copies.getTooFewList().stream().map(TooFewCopies::getPath).findFirst().orElse("?");
      return copies.getSpare()
          ? Optional.empty()
          : Optional.of(
              "of its %d files others hold %d too seldom, such as %s"
                  .formatted(copies.getFiles(), copies.getTotalTooFew(), path));
    } catch (Refusal refusal) {
      return Optional.of(refusal.text());
    }
  }

  /// A machine of that name may come again: its drain ends with it. Who is only suspected is not
  /// gone.
  private void lift(Epoch epoch, Set<String> removing) {
    Set<String> present = office.present();
    for (String node : removing) {
      if (!present.contains(node)) {
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
