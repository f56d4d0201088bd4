package io.ringrift.chaos.sim;

import io.ringrift.chaos.invariant.Invariants;
import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.Fence;
import io.ringrift.kernel.FenceGate;
import io.ringrift.kernel.Leadership;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.time.Moment;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// One node: a disk that outlives its processes, and now and then a process: consensus cell, state
/// machine, worker's gate and clock. Dies and stands still as faults say, between any two effects.
/// One thread.
final class SimNode {
  /// A full inbox is a lost message, which the protocol survives.
  private static final int INBOX = 512;

  private final Sim sim;
  private final int index;
  private final NodeId id;
  private final CellFactory cells;
  private final Invariants invariants;
  private final long tickStable;
  private final long tickUrgent;
  private final SimDisk disk = new SimDisk();
  private final ArrayDeque<Consumer<ConsensusCell>> held = new ArrayDeque<>();

  private SimClock clock;
  private NodeEffects effects;
  private SimMachine machine = new SimMachine();
  private FenceGate gate;
  private @Nullable ConsensusCell cell;
  private Leadership published = Leadership.unknown(Epoch.ZERO);
  private int boots;
  private long pausedUntil;
  private boolean paused;
  private int effectsToStrike;
  private @Nullable Runnable strike;
  private int strikes;

  SimNode(Sim sim, int index, SimConfig config, Invariants invariants) {
    this.sim = sim;
    this.index = index;
    this.id = SimConfig.node(index);
    this.cells = config.cells();
    this.invariants = invariants;
    this.tickStable = config.timing().heartbeat().toNanos() / 2;
    this.tickUrgent = config.timing().heartbeat().toNanos() / 8;
    this.clock = new SimClock(0, 0, 0);
    this.gate = new FenceGate(Epoch.ZERO, disk::storeGate, new Known());
    this.effects = new NodeEffects(sim, this, config, invariants);
  }

  // --- life ---

  /// Starts a process from what the disk kept.
  void boot(SplittableRandom clocks) {
    boots++;
    clock = new SimClock(sim.now(), clocks.nextLong(1L << 50), clock.partsPerMillion());
    machine = new SimMachine();
    machine.restore(disk.state());
    gate = new FenceGate(disk.gate(), disk::storeGate, new Known());
    effects.reset();
    var started = cells.boot(effects, disk, moment());
    cell = started;
    published = started.leadership();
    trace(
        () -> "boots with promise %s, log end %s".formatted(started.promised(), started.logEnd()));
    invariants.booted(index, started.promised(), gate.greatest());
    invariants.restored(index, machine.applied(), machine.stateHash());
    sim.sides().booted(index, this::moment);
    int life = boots;
    sim.after(1 + clocks.nextLong(tickStable), () -> tick(life));
  }

  private void tick(int life) {
    if (life != boots || cell == null) {
      return;
    }
    if (!paused) {
      input(c -> c.tick(moment()));
    }
    sim.after(published.leader().isPresent() ? tickStable : tickUrgent, () -> tick(life));
  }

  /// Strikes after so many effects, or after a while when there are not so many.
  void strikeAfter(int count, long atMost, Runnable what) {
    struck(); // what is pending is not forgotten
    if (cell == null) {
      trace(() -> "is down already, and not struck");
      return;
    }
    effectsToStrike = count + 1;
    strike = what;
    int number = ++strikes;
    sim.after(
        atMost,
        () -> {
          if (number == strikes) {
            struck();
          }
        });
  }

  private void struck() {
    var what = strike;
    strike = null;
    effectsToStrike = 0;
    if (what != null) {
      what.run();
    }
  }

  /// The process dies; what was held or not durable is gone.
  void die() {
    if (cell == null) {
      return;
    }
    trace(() -> "dies");
    cell = null;
    strike = null;
    paused = false;
    pausedUntil = 0;
    held.clear();
    sim.sides().died(index);
    disk.crash();
    effects.reset();
    published = Leadership.unknown(published.epoch());
  }

  void pause(long until) {
    if (cell == null || until <= sim.now()) {
      return;
    }
    trace(() -> "stands still");
    paused = true;
    sim.sides().paused(index);
    pausedUntil = Math.max(pausedUntil, until);
    int life = boots;
    sim.at(until, () -> resume(life));
  }

  /// Goes on where it stood: first the effects left, then what arrived meanwhile.
  private void resume(int life) {
    if (!paused || life != boots || sim.now() < pausedUntil) {
      return;
    }
    trace(() -> "goes on");
    paused = false;
    input(ConsensusCell::drain);
    while (!paused && cell != null && !held.isEmpty()) {
      input(held.removeFirst());
    }
    if (!paused && cell != null) {
      sim.sides().resumed(index);
    }
  }

  /// Faults are over: pending ones are called off, a pause ends.
  void calm() {
    strike = null;
    effectsToStrike = 0;
    if (paused) {
      pausedUntil = sim.now();
      resume(boots);
    }
  }

  boolean down() {
    return cell == null;
  }

  /// Asked before each effect.
  boolean goesOn() {
    if (strike != null && --effectsToStrike == 0) {
      struck();
    }
    return cell != null && !paused;
  }

  // --- inputs ---

  /// Hands an input to the cell now, later, or never.
  void input(Consumer<ConsensusCell> input) {
    var running = cell;
    if (running == null) {
      return;
    }
    if (paused) {
      if (held.size() < INBOX) {
        held.addLast(input);
      }
      return;
    }
    input.accept(running);
    if (cell != null && !paused) {
      published = running.leadership();
      invariants.stepped(index, running.promised(), published);
    }
  }

  void deliver(int from, Object message) {
    switch (message) {
      case Order order -> input(_ -> obey(order));
      case Object consensus -> {
        var running = cell;
        if (running != null) {
          trace(
              () ->
                  "<- n%d %s%s"
                      .formatted(from + 1, running.describe(consensus), paused ? " (held)" : ""));
        }
        input(c -> c.receive(moment(), SimConfig.node(from), consensus));
      }
    }
  }

  void propose(Operation operation) {
    if (cell == null) {
      return;
    }
    effects.expect(operation);
    input(c -> c.propose(moment(), operation.ticket, SimMachine.command(operation.command)));
  }

  void read(Operation operation) {
    if (cell == null) {
      return;
    }
    effects.expect(operation);
    input(c -> c.barrier(moment(), operation.ticket));
  }

  void forget(Operation operation) {
    effects.forget(operation);
  }

  // --- worker ---

  /// Whether this node would send an order now: duties open, and the lease asked right before.
  boolean mayOrder() {
    return cell != null
        && !paused
        && effects.duties().isPresent()
        && published.epoch().equals(effects.duties().get())
        && published.leadsAt(moment());
  }

  void order(int worker, boolean opening) {
    var epoch = effects.duties().orElseThrow();
    sim.network().send(index, worker, new Order(new Fence(epoch, id), index, opening));
  }

  private void obey(Order order) {
    Epoch epoch = order.fence().epoch();
    try {
      gate.admit(order.fence());
    } catch (Refusal e) {
      trace(() -> "refuses an order of epoch %s: %s".formatted(epoch, e.reason()));
      return;
    }
    if (order.opening()) {
      invariants.reached(index, epoch);
    } else {
      trace(() -> "obeys n%d in epoch %s".formatted(order.leader() + 1, epoch));
    }
    invariants.obeyed(index, order.leader(), epoch);
    sim.workload().obeyed();
  }

  /// What this node's own voter knows, as in production.
  private final class Known implements FenceGate.Knowledge {
    @Override
    public Epoch greatest() {
      return disk.promised().max(published.epoch());
    }

    @Override
    public boolean mayLead(NodeId node) {
      return true;
    }

    @Override
    public Optional<NodeId> leader(Epoch epoch) {
      return published.leaderIn(epoch);
    }
  }

  // --- what others ask ---

  /// True while a lease is held, asked at this true instant by the own clock.
  boolean leads() {
    return cell != null && published.leadsAt(moment());
  }

  void publish(Leadership leadership) {
    published = leadership;
  }

  Leadership published() {
    return published;
  }

  boolean dutiesOpen() {
    return effects.duties().isPresent();
  }

  Moment moment() {
    return clock.at(sim.now());
  }

  SimClock clock() {
    return clock;
  }

  SimDisk disk() {
    return disk;
  }

  SimMachine machine() {
    return machine;
  }

  int index() {
    return index;
  }

  NodeId id() {
    return id;
  }

  /// Number of the present process, or of the last when it is gone.
  int life() {
    return boots;
  }

  @Nullable ConsensusCell cell() {
    return cell;
  }

  /// The text is only made where somebody reads it.
  void trace(Supplier<String> text) {
    if (sim.trace().on()) {
      sim.trace().line(sim.now(), id.value(), text.get());
    }
  }
}
