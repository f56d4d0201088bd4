package io.ringrift.chaos.sim;

import io.ringrift.chaos.invariant.InvariantBroken;
import io.ringrift.chaos.invariant.Invariants;
import io.ringrift.kernel.Epoch;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.Consumer;

/// One simulated cluster: a queue of events in virtual time, and everything they touch. Same
/// configuration, same run. First faults strike, then they are removed and healing is required. One
/// thread.
public final class Sim {
  private static final long PRIME = 0x9E3779B97F4A7C15L;
  private static final long EVENTS_PER_NODE_AND_SECOND = 600;

  private final SimConfig config;
  private final Chance chance;
  private final Trace trace;
  private final EventQueue queue = new EventQueue();
  private final Invariants invariants;
  private final SimNetwork network;
  private final SimNode[] nodes;
  private final Sides sides;
  private final Workload workload;
  private final List<Fault> schedule;
  private final Healing healing;
  private long now;
  private long events;
  private long fingerprint;
  private long epochs;

  private Sim(SimConfig config, Trace trace) {
    this.config = config;
    this.trace = trace;
    this.chance = new Chance(config.seed());
    this.nodes = new SimNode[config.nodes()];
    this.invariants = new Invariants(config.nodes(), node -> node(node).leads());
    this.sides = new Sides(this, config);
    this.network = new SimNetwork(this, chance.network, config.timing().lease().toNanos());
    this.workload = new Workload(this, invariants, chance.workload, config);
    for (int i = 0; i < nodes.length; i++) {
      nodes[i] = new SimNode(this, i, config, invariants);
    }
    this.schedule = schedule(config);
    this.healing = new Healing(this, config, invariants);
  }

  /// The faults that a configuration brings.
  public static List<Fault> schedule(SimConfig config) {
    return config
        .schedule()
        .orElseGet(
            () -> {
              var faults =
                  new ArrayList<>(FaultPlan.draw(config, new Chance(config.seed()).faults));
              faults.addAll(SidePlan.draw(config));
              faults.sort(Comparator.comparingLong(Fault::from));
              return List.copyOf(faults);
            });
  }

  /// Runs without a trace. A violation is run once more to tell the lines that led to it; where
  /// that run is another, this is the violation.
  public static Outcome run(SimConfig config) {
    var outcome = new Sim(config, Trace.off()).run();
    return outcome.violation().isEmpty() ? outcome : same(outcome, replay(config, _ -> {}));
  }

  static Outcome same(Outcome first, Outcome again) {
    boolean same =
        first.fingerprint() == again.fingerprint()
            && first.violation().map(Sim::told).equals(again.violation().map(Sim::told));
    return same
        ? again
        : first.broken(
            Violation.ofTwoRuns(
                first.violation().orElseThrow(),
                again.violation().map(Sim::told).orElse("nothing was broken")));
  }

  private static String told(Violation violation) {
    return violation.invariant() + " at " + violation.at() + ": " + violation.details();
  }

  /// Runs and hands each line of the trace to the reader.
  public static Outcome replay(SimConfig config, Consumer<String> reader) {
    return new Sim(config, Trace.to(reader)).run();
  }

  private Outcome run() {
    Optional<Violation> violation = Optional.empty();
    try {
      start();
      long most =
          EVENTS_PER_NODE_AND_SECOND
              * nodes.length
              * (60 + config.virtual().plus(config.timing().lease()).toSeconds());
      while (!healing.over() && events < most) {
        step();
      }
      if (!healing.over()) {
        violation = Optional.of(violated("EventsAreBounded", events + " events"));
      }
    } catch (InvariantBroken broken) {
      violation = Optional.of(violated(broken.invariant(), broken.details()));
    } catch (RuntimeException stopped) {
      // The edge of the run: in production the driver would stop the node (STYLE P11).
      violation = Optional.of(violated("CoreNeverStops", text(stopped)));
    }
    return new Outcome(
        config.seed(),
        events,
        network.sent(),
        now,
        healing.took(),
        healing.sidesTook(),
        epochs,
        workload.tally(),
        fingerprint,
        violation);
  }

  private static String text(RuntimeException stopped) {
    var frames = stopped.getStackTrace();
    return stopped + (frames.length == 0 ? "" : " at " + frames[0]);
  }

  private Violation violated(String invariant, String details) {
    return new Violation(config.seed(), now, invariant, details, trace.last());
  }

  private void start() {
    for (SimNode node : nodes) {
      int most = config.timing().maxDriftPerMille() * 500;
      node.clock().rate(0, most == 0 ? 0 : chance.clocks.nextInt(-most, most + 1));
      node.boot(chance.clocks);
    }
    sides.start();
    workload.start();
    var striker = new Striker(this, config);
    for (Fault fault : schedule) {
      if (fault.from() < stormEnds()) {
        at(fault.from(), () -> striker.strike(fault));
      }
    }
    at(stormEnds(), healing::begin);
  }

  private void step() {
    long next = queue.nextTime();
    if (next < now) {
      throw new IllegalStateException("an event lies in the past");
    }
    now = next;
    events++;
    fingerprint = (fingerprint ^ now) * PRIME;
    queue.take().run();
  }

  // --- what its parts ask of it ---

  long now() {
    return now;
  }

  /// When faults are removed.
  long stormEnds() {
    return config.virtual().toNanos();
  }

  void at(long when, Runnable action) {
    queue.add(Math.max(now, when), action);
  }

  void after(long delay, Runnable action) {
    queue.add(now + delay, action);
  }

  int nodes() {
    return nodes.length;
  }

  SimNode node(int index) {
    return nodes[index];
  }

  SimNode anyNode(SplittableRandom random) {
    return nodes[random.nextInt(nodes.length)];
  }

  /// A node that leads or thinks so; any, when there is none.
  SimNode someLeader(SplittableRandom random) {
    int start = random.nextInt(nodes.length);
    for (int i = 0; i < nodes.length; i++) {
      SimNode node = nodes[(start + i) % nodes.length];
      if (node.dutiesOpen()) {
        return node;
      }
    }
    return nodes[start];
  }

  /// A greatest epoch was seen.
  void epoch(Epoch epoch) {
    epochs = Math.max(epochs, epoch.value());
  }

  void deliver(int from, int to, Object message) {
    if (message instanceof SideMessage side) {
      sides.deliver(from, to, side);
    } else {
      nodes[to].deliver(from, message);
    }
  }

  Sides sides() {
    return sides;
  }

  SimNetwork network() {
    return network;
  }

  Workload workload() {
    return workload;
  }

  Chance chance() {
    return chance;
  }

  Trace trace() {
    return trace;
  }
}
