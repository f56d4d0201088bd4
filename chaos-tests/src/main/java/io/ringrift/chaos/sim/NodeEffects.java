package io.ringrift.chaos.sim;

import io.ringrift.chaos.invariant.Invariants;
import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.Leadership;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Timing;
import io.ringrift.kernel.consensus.ledger.LogEntry;
import io.ringrift.kernel.consensus.ledger.LogPosition;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;

/// Carries out a node's effects on its disk, its state machine, the network and its clients, and
/// tells the invariants. One thread.
final class NodeEffects implements CellWorld {
  private final Sim sim;
  private final SimNode node;
  private final Timing timing;
  private final Map<NodeId, Integer> voters;
  private final Invariants invariants;
  private final SplittableRandom chance;
  private final Map<Long, Operation> operations = new HashMap<>();
  private final Map<Long, Operation> byIndex = new HashMap<>();
  private final Map<Operation, Long> readsWaiting = new HashMap<>();
  private Optional<Epoch> duties = Optional.empty();

  NodeEffects(Sim sim, SimNode node, SimConfig config, Invariants invariants) {
    this.sim = sim;
    this.node = node;
    this.timing = config.timing();
    this.voters = config.voters();
    this.invariants = invariants;
    this.chance = sim.chance().disk;
  }

  /// The process is new, or gone.
  void reset() {
    operations.clear();
    byIndex.clear();
    readsWaiting.clear();
    duties = Optional.empty();
  }

  void expect(Operation operation) {
    operations.put(operation.ticket, operation);
  }

  void forget(Operation operation) {
    operations.remove(operation.ticket);
    readsWaiting.remove(operation);
    var position = operation.position;
    if (position != null) {
      byIndex.remove(position.index(), operation);
    }
  }

  Optional<Epoch> duties() {
    return duties;
  }

  @Override
  public NodeId self() {
    return node.id();
  }

  @Override
  public Map<NodeId, Integer> voters() {
    return voters;
  }

  @Override
  public Timing timing() {
    return timing;
  }

  @Override
  public boolean goesOn() {
    return node.goesOn();
  }

  @Override
  public void persistPromise(Epoch epoch, Optional<NodeId> grantedTo) {
    node.trace(
        () ->
            "promises epoch %s to %s"
                .formatted(epoch, grantedTo.map(NodeId::value).orElse("nobody")));
    node.disk().storePromise(epoch, grantedTo);
    invariants.promised(node.index(), epoch, grantedTo);
  }

  @Override
  public void truncateLog(long fromIndex) {
    node.trace(() -> "truncates its log from %d".formatted(fromIndex));
    node.disk().truncate(fromIndex);
  }

  @Override
  public void persistEntries(List<LogEntry> entries) {
    node.trace(() -> "stores %s".formatted(entries));
    for (LogEntry entry : entries) {
      LogPosition previous = node.disk().end();
      node.disk().append(entry);
      invariants.stored(node.index(), previous, entry.position(), SimMachine.content(entry));
    }
  }

  @Override
  public void installSnapshot(LogPosition position, byte[] data) {
    node.trace(() -> "installs a snapshot of %s".formatted(position));
    node.disk().install(position, data);
    node.machine().restore(data);
    invariants.restored(node.index(), node.machine().applied(), node.machine().stateHash());
    serveReads();
  }

  @Override
  public void compactLog(LogPosition upTo) {
    node.disk().compact(upTo);
  }

  @Override
  public void takeSnapshot() {
    LogPosition position = node.machine().applied();
    node.trace(() -> "takes a snapshot of %s".formatted(position));
    node.disk().storeSnapshot(position, node.machine().snapshot());
    int life = node.life();
    sim.after(
        Chance.magnitude(chance, 1_000_000, timing.lease().toNanos()),
        () -> {
          if (node.life() == life) {
            node.input(c -> c.snapshotTaken(node.moment(), position));
          }
        });
  }

  @Override
  public LogPosition snapshotAt() {
    return node.disk().snapshotAt();
  }

  @Override
  public byte[] snapshot() {
    return node.disk().snapshot();
  }

  @Override
  public void send(NodeId to, Object message) {
    sim.network().send(node.index(), SimConfig.index(to), message);
  }

  @Override
  public void grants(Epoch epoch, NodeId to) {
    invariants.granted(node.index(), epoch, to, node.disk().holdsGrant(epoch, to));
  }

  @Override
  public void commit(List<LogEntry> entries) {
    for (LogEntry entry : entries) {
      node.machine().apply(entry);
      invariants.committed(
          node.index(), entry.position(), SimMachine.content(entry), node.machine().stateHash());
      var operation = byIndex.remove(entry.index());
      if (operation != null && entry.position().equals(operation.position)) {
        operations.remove(operation.ticket);
        node.trace(() -> "acknowledges %d".formatted(operation.command));
        sim.workload().done(node, operation);
      }
    }
    // The state machine's own writes become durable when they like, not when they are made.
    if (chance.nextInt(8) == 0) {
      node.disk().storeState(node.machine().applied(), node.machine().snapshot());
    }
    serveReads();
  }

  @Override
  public void announce(Leadership leadership) {
    node.trace(() -> "announces %s".formatted(leadership));
    node.publish(leadership);
    sim.epoch(leadership.epoch());
    invariants.announced(node.index(), leadership);
  }

  @Override
  public void openDuties(Epoch epoch) {
    node.trace(() -> "opens the duties of epoch %s".formatted(epoch));
    invariants.dutiesOpened(node.index(), epoch, node.machine().numbers());
    duties = Optional.of(epoch);
    for (int worker = 0; worker < sim.nodes(); worker++) {
      node.order(worker, true);
    }
  }

  @Override
  public void closeDuties(Epoch epoch, String cause) {
    node.trace(() -> "closes the duties of epoch %s: %s".formatted(epoch, cause));
    duties = Optional.empty();
  }

  @Override
  public void accepted(long ticket, List<LogPosition> positions) {
    var operation = operations.get(ticket);
    if (operation == null) {
      return;
    }
    LogPosition position = positions.getLast();
    operation.position = position;
    if (node.machine().applied().index() >= position.index()) {
      operations.remove(ticket);
      sim.workload().done(node, operation);
    } else {
      byIndex.put(position.index(), operation);
    }
  }

  @Override
  public void refused(long ticket, Reason reason, String message) {
    var operation = operations.remove(ticket);
    if (operation != null) {
      forget(operation);
      sim.workload().refused(operation, reason);
    }
  }

  @Override
  public void barrierPassed(long ticket, long index) {
    var operation = operations.get(ticket);
    if (operation != null) {
      readsWaiting.put(operation, index);
      serveReads();
    }
  }

  private void serveReads() {
    if (readsWaiting.isEmpty()) {
      return;
    }
    long applied = node.machine().applied().index();
    var ready = new ArrayList<Operation>();
    readsWaiting.forEach(
        (operation, index) -> {
          if (index <= applied) {
            ready.add(operation);
          }
        });
    ready.sort((a, b) -> Long.compare(a.ticket, b.ticket));
    for (Operation operation : ready) {
      forget(operation);
      sim.workload().done(node, operation);
    }
  }

  @Override
  public void transferred(long ticket, NodeId target) {
    node.trace(() -> "hands over to %s".formatted(target));
  }

  @Override
  public void dropped(List<LogEntry> entries) {
    for (LogEntry entry : entries) {
      node.trace(() -> "drops %s".formatted(entry));
      if (entry.kind() == LogEntry.Kind.COMMAND) {
        invariants.dropped(
            node.index(), entry.position(), SimMachine.content(entry), node.machine().numbers());
      }
    }
  }
}
