package io.ringrift.kernel.consensus.bully;

import io.ringrift.chaos.sim.CellFactory;
import io.ringrift.chaos.sim.CellWorld;
import io.ringrift.chaos.sim.ConsensusCell;
import io.ringrift.chaos.sim.SimDisk;
import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.Leadership;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.consensus.ledger.LogPosition;
import io.ringrift.kernel.time.Moment;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;

/// A simulated node's `BullyCore`: hands it inputs and carries out its effects in order, stopping
/// where the world says stop. Decides nothing. One thread.
public final class BullyCell implements ConsensusCell {
  private final BullyCore core;
  private final CellWorld world;
  private final ArrayDeque<Effect> left = new ArrayDeque<>();

  private BullyCell(BullyCore core, CellWorld world) {
    this.core = core;
    this.world = world;
  }

  /// Cells of the protocol as production runs it.
  public static CellFactory protocol() {
    return with(Rules.PROTOCOL);
  }

  /// Cells of the protocol with these rules. Batches, snapshots and kept tails are small, so that
  /// short runs meet their edges.
  static CellFactory with(Rules rules) {
    return (world, disk, start) -> {
      var config =
          new BullyConfig(
              world.self(), world.voters(), world.timing(), 8, 1 << 10, 40, 10, 32, 1 << 8);
      return new BullyCell(new BullyCore(config, rules, recovered(disk), start), world);
    };
  }

  private static BullyCore.Recovered recovered(SimDisk disk) {
    return new BullyCore.Recovered(
        new Promise(disk.promised(), disk.grantedTo()),
        Epoch.ZERO, // every simulated node is a voter and learns by its promises
        disk.snapshotAt(),
        disk.stateAt(),
        disk.log());
  }

  @Override
  public void tick(Moment now) {
    step(now, new Input.Tick());
  }

  @Override
  public void receive(Moment now, NodeId from, Object message) {
    step(now, new Input.Received(from, (Message) message));
  }

  @Override
  public void propose(Moment now, long ticket, byte[] command) {
    step(now, new Input.Propose(ticket, List.of(command)));
  }

  @Override
  public void barrier(Moment now, long ticket) {
    step(now, new Input.Barrier(ticket));
  }

  @Override
  public void snapshotTaken(Moment now, LogPosition position) {
    step(now, new Input.SnapshotTaken(position));
  }

  @Override
  public void stepDown(Moment now, String cause) {
    step(now, new Input.StepDown(cause));
  }

  @Override
  public void transfer(Moment now, long ticket, NodeId target) {
    step(now, new Input.Transfer(ticket, Optional.of(target)));
  }

  @Override
  public void fitness(Moment now, boolean fit, String cause) {
    step(now, new Input.Fitness(fit, cause));
  }

  private void step(Moment now, Input input) {
    left.addAll(core.step(now, input));
    drain();
  }

  @Override
  public void drain() {
    while (!left.isEmpty() && world.goesOn()) {
      carryOut(left.removeFirst());
    }
  }

  private void carryOut(Effect effect) {
    switch (effect) {
      case Effect.PersistPromise(var promise, var _) ->
          world.persistPromise(promise.epoch(), promise.grantedTo());
      case Effect.TruncateLog(var fromIndex) -> world.truncateLog(fromIndex);
      case Effect.PersistEntries(var entries) -> world.persistEntries(entries);
      case Effect.InstallSnapshot(var position, var data) -> world.installSnapshot(position, data);
      case Effect.Send(var to, var message) -> send(to, message);
      case Effect.Replicate(var to, var append) -> send(to, append);
      case Effect.SendSnapshot(var to, var epoch) ->
          world.send(to, new Message.InstallSnapshot(epoch, world.snapshotAt(), world.snapshot()));
      case Effect.Commit(var entries) -> world.commit(entries);
      case Effect.Announce(var leadership) -> world.announce(leadership);
      case Effect.OpenDuties(var epoch) -> world.openDuties(epoch);
      case Effect.CloseDuties(var epoch, var cause) -> world.closeDuties(epoch, cause);
      case Effect.Accepted(var ticket, var positions) -> world.accepted(ticket, positions);
      case Effect.Refused(var ticket, var reason, var message) ->
          world.refused(ticket, reason, message);
      case Effect.BarrierPassed(var ticket, var index) -> world.barrierPassed(ticket, index);
      case Effect.Transferred(var ticket, var target) -> world.transferred(ticket, target);
      case Effect.TakeSnapshot() -> world.takeSnapshot();
      case Effect.CompactLog(var upTo) -> world.compactLog(upTo);
      case Effect.Dropped(var entries) -> world.dropped(entries);
    }
  }

  private void send(NodeId to, Message message) {
    if (message instanceof Message.LeaseGrant grant) {
      world.grants(grant.epoch(), to);
    }
    world.send(to, message);
  }

  @Override
  public Leadership leadership() {
    return core.leadership();
  }

  @Override
  public LogPosition logEnd() {
    return core.logEnd();
  }

  @Override
  public long commitIndex() {
    return core.commitIndex();
  }

  @Override
  public Epoch promised() {
    return core.promise().epoch();
  }

  @Override
  public String describe(Object message) {
    return message instanceof Message.InstallSnapshot(var epoch, var position, var data)
        ? "InstallSnapshot[epoch=%s, position=%s, bytes=%d]".formatted(epoch, position, data.length)
        : message.toString();
  }
}
