package io.ringrift.kernel.consensus.bully;

import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Timing;
import io.ringrift.kernel.consensus.ledger.LogEntry;
import io.ringrift.kernel.consensus.ledger.LogPosition;
import io.ringrift.kernel.time.Moment;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;

/// A small seeded cluster of cores: delay past every timeout, loss, duplication, cuts, restarts.
/// Checks after every step; the full simulator lives in chaos-tests.
final class ShakenCluster {
  private record Event(long at, long order, Runnable what) {}

  private final class Node {
    final NodeId id;
    final BullyConfig config;
    final double rate;
    BullyCore core;
    Promise promise = Promise.NONE;
    LogPosition snapshot = LogPosition.START;
    LogPosition applied = LogPosition.START;
    final TreeMap<Long, LogEntry> stored = new TreeMap<>();
    final List<String> state = new ArrayList<>();
    Map<LogPosition, List<String>> snapshots = new HashMap<>();
    long boot;
    boolean up;
    Epoch greatest = Epoch.ZERO;

    Node(NodeId id, BullyConfig config, double rate) {
      this.id = id;
      this.config = config;
      this.rate = rate;
      this.core = new BullyCore(config, BullyCore.Recovered.EMPTY, new Moment(0));
    }

    Moment clock() {
      return new Moment((long) (now * 1_000_000.0 * rate));
    }
  }

  private final SplittableRandom random;
  private final PriorityQueue<Event> events =
      new PriorityQueue<>(
          Comparator.<Event>comparingLong(Event::at).thenComparingLong(Event::order));
  private final TreeMap<NodeId, Node> nodes = new TreeMap<>();
  private final TreeSet<String> cuts = new TreeSet<>();
  private final TreeMap<Long, LogEntry> committed = new TreeMap<>();
  private final Map<Epoch, NodeId> leaders = new HashMap<>();
  private final Map<Long, Long> barrierFloor = new HashMap<>();
  final List<String> trace = new ArrayList<>();
  private final Timing timing = Timing.local();
  private boolean weather = true;
  private long now;
  private long order;
  private long tickets;
  int elections;
  int commits;
  int barriers;
  int installs;
  int drops;

  ShakenCluster(long seed, int size, Rules rules) {
    random = new SplittableRandom(seed);
    var voters = new HashMap<NodeId, Integer>();
    for (int i = 1; i <= size; i++) {
      voters.put(new NodeId("n" + i), 0);
    }
    for (NodeId id : new TreeSet<>(voters.keySet())) {
      var config = new BullyConfig(id, voters, timing, 4, 1 << 20, 20, 5, 64, 1 << 10);
      nodes.put(id, new Node(id, config, 0.991 + random.nextDouble() * 0.018));
    }
    nodes.values().forEach(node -> start(node, rules));
    after(200, () -> mischief(rules));
    after(50, this::load);
  }

  void runFor(Duration span) {
    long end = now + span.toMillis();
    while (!events.isEmpty() && events.peek().at() <= end) {
      Event event = events.poll();
      now = event.at();
      event.what().run();
    }
    now = end;
  }

  void calm() {
    weather = false;
    cuts.clear();
  }

  Optional<NodeId> leader() {
    return nodes.values().stream()
        .filter(n -> n.up && n.core.leadership().leadsAt(n.clock()))
        .map(n -> n.id)
        .findFirst();
  }

  List<Integer> stateSizes() {
    return nodes.values().stream().map(n -> n.state.size()).distinct().toList();
  }

  long stored() {
    return committed.size();
  }

  private void after(long millis, Runnable what) {
    events.add(new Event(now + millis, order++, what));
  }

  private void start(Node node, Rules rules) {
    node.up = true;
    long boot = ++node.boot;
    var recovered =
        new BullyCore.Recovered(
            node.promise,
            Epoch.ZERO,
            node.snapshot,
            node.applied,
            List.copyOf(node.stored.values()));
    node.core = new BullyCore(node.config, rules, recovered, node.clock());
    after(0, () -> ticking(node, boot));
  }

  private void ticking(Node node, long boot) {
    if (node.boot == boot && node.up) {
      step(node, new Input.Tick());
      after(20 + random.nextInt(15), () -> ticking(node, boot));
    }
  }

  private void load() {
    for (Node node : nodes.values()) {
      if (node.up && (node.core.leadership().leadsAt(node.clock()) || random.nextInt(20) == 0)) {
        long ticket = ++tickets;
        int size = 1 + random.nextInt(3);
        var commands = new ArrayList<byte[]>();
        for (int i = 0; i < size; i++) {
          commands.add((ticket + "." + i).getBytes(StandardCharsets.UTF_8));
        }
        step(node, new Input.Propose(ticket, commands));
        if (random.nextInt(3) == 0 && node.up) {
          long barrier = ++tickets;
          barrierFloor.put(barrier, committed.isEmpty() ? 0 : committed.lastKey());
          step(node, new Input.Barrier(barrier));
        }
      }
    }
    after(20 + random.nextInt(60), this::load);
  }

  private void mischief(Rules rules) {
    if (!weather) {
      nodes.values().stream().filter(n -> !n.up).forEach(n -> start(n, rules));
      return;
    }
    List<Node> all = List.copyOf(nodes.values());
    Node one = all.get(random.nextInt(all.size()));
    Node two = all.get(random.nextInt(all.size()));
    switch (random.nextInt(9)) {
      case 0 -> {
        one.up = false;
        after(100 + random.nextInt(4000), () -> restart(one, rules));
      }
      case 1, 2 -> cuts.add(one.id + ">" + two.id);
      case 3 -> {
        for (Node other : all) {
          cuts.add(one.id + ">" + other.id);
          cuts.add(other.id + ">" + one.id);
        }
      }
      case 4, 5 -> cuts.clear();
      case 6 -> tell(one, new Input.StepDown("asked"));
      case 7 -> tell(one, new Input.Transfer(++tickets, Optional.empty()));
      default -> {
        tell(one, new Input.Fitness(false, "slow disk"));
        after(2000, () -> tell(one, new Input.Fitness(true, "well")));
      }
    }
    after(100 + random.nextInt(3000), () -> mischief(rules));
  }

  private void restart(Node node, Rules rules) {
    if (!node.up) {
      start(node, rules);
    }
  }

  private void tell(Node node, Input input) {
    if (node.up) {
      step(node, input);
    }
  }

  private void step(Node node, Input input) {
    List<Effect> effects = node.core.step(node.clock(), input);
    if (!effects.isEmpty()) {
      List<String> kinds = effects.stream().map(e -> e.getClass().getSimpleName()).toList();
      trace.add(now + " " + node.id + " " + kinds + " " + node.core.logEnd());
    }
    // a crash between any two effects
    int crash = weather && random.nextInt(3000) == 0 ? random.nextInt(effects.size() + 1) : -1;
    for (int i = 0; i < effects.size() && node.up; i++) {
      if (i == crash) {
        node.up = false;
        after(100 + random.nextInt(1000), () -> restart(node, Rules.PROTOCOL));
        return;
      }
      perform(node, effects.get(i));
    }
    check(node);
  }

  private void perform(Node node, Effect effect) {
    switch (effect) {
      case Effect.PersistPromise(var promise, var _) -> {
        require(!promise.epoch().isBefore(node.promise.epoch()), "promise fell");
        node.promise = promise;
      }
      case Effect.TruncateLog(var from) -> node.stored.tailMap(from).clear();
      case Effect.PersistEntries(var entries) ->
          entries.forEach(e -> node.stored.put(e.index(), e));
      case Effect.InstallSnapshot(var position, var data) -> {
        installs++;
        node.stored.clear();
        node.snapshot = position;
        node.applied = position;
        node.state.clear();
        String text = new String(data, StandardCharsets.UTF_8);
        node.state.addAll(text.isEmpty() ? List.of() : List.of(text.split(",")));
        node.snapshots = new HashMap<>(Map.of(position, List.copyOf(node.state)));
      }
      case Effect.Send(var to, var message) -> send(node, to, message);
      case Effect.Replicate(var to, var append) -> send(node, to, append);
      case Effect.SendSnapshot(var to, var epoch) -> {
        String text = String.join(",", node.snapshots.getOrDefault(node.snapshot, List.of()));
        var data = text.getBytes(StandardCharsets.UTF_8);
        send(node, to, new Message.InstallSnapshot(epoch, node.snapshot, data));
      }
      case Effect.Commit(var entries) -> commit(node, entries);
      case Effect.TakeSnapshot() -> {
        node.snapshot = node.applied;
        node.snapshots = new HashMap<>(Map.of(node.snapshot, List.copyOf(node.state)));
        LogPosition position = node.snapshot;
        long boot = node.boot;
        after(
            5,
            () -> {
              if (node.boot == boot) {
                tell(node, new Input.SnapshotTaken(position));
              }
            });
      }
      case Effect.CompactLog(var upTo) -> node.stored.headMap(upTo.index(), true).clear();
      case Effect.BarrierPassed(var ticket, var index) -> {
        barriers++;
        require(index >= barrierFloor.getOrDefault(ticket, 0L), "stale read point");
      }
      case Effect.Dropped _ -> drops++;
      case Effect.OpenDuties _ -> elections++;
      case Effect.Announce _, Effect.CloseDuties _, Effect.Accepted _ -> {}
      case Effect.Refused _, Effect.Transferred _ -> {}
    }
  }

  private void commit(Node node, List<LogEntry> entries) {
    for (LogEntry entry : entries) {
      require(entry.index() == node.applied.index() + 1, "applied in order, once");
      node.applied = entry.position();
      node.state.add(new String(entry.payload(), StandardCharsets.UTF_8));
      LogEntry known = committed.putIfAbsent(entry.index(), entry);
      require(known == null || known.equals(entry), "committed twice: " + known + " " + entry);
      commits++;
    }
  }

  private void check(Node node) {
    var leadership = node.core.leadership();
    require(!leadership.epoch().isBefore(node.greatest), "epoch fell at " + node.id);
    node.greatest = leadership.epoch();
    leadership
        .leader()
        .ifPresent(
            l -> {
              NodeId known = leaders.putIfAbsent(leadership.epoch(), l);
              require(known == null || known.equals(l), "two leaders of " + leadership.epoch());
            });
    long holders =
        nodes.values().stream().filter(n -> n.up && n.core.leadership().leadsAt(n.clock())).count();
    require(holders <= 1, "two lease holders");
  }

  private void send(Node from, NodeId to, Message message) {
    require(!to.equals(from.id), "message to self");
    if (cuts.contains(from.id + ">" + to) || (weather && random.nextInt(20) == 0)) {
      return;
    }
    int copies = weather && random.nextInt(20) == 0 ? 2 : 1;
    for (int i = 0; i < copies; i++) {
      long delay = 1L + random.nextInt(20);
      if (weather && random.nextInt(12) == 0) {
        delay += random.nextInt(3_000);
      }
      Node target = Objects.requireNonNull(nodes.get(to));
      after(
          delay,
          () -> {
            if (target.up) {
              step(target, new Input.Received(from.id, message));
            }
          });
    }
  }

  private void require(boolean holds, String claim) {
    if (!holds) {
      throw new AssertionError(claim + " at " + now + " ms");
    }
  }
}
