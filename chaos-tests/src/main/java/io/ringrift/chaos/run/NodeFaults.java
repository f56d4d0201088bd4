package io.ringrift.chaos.run;

import io.ringrift.chaos.ground.Ground;
import io.ringrift.chaos.history.History;
import io.ringrift.chaos.scenario.FaultSpec;
import io.ringrift.kernel.time.Moment;
import io.ringrift.kernel.time.Ticker;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.locks.LockSupport;

/// Faults of processes and of what lies on their disks. One thread.
final class NodeFaults {
  private static final Duration BACK = Duration.ofSeconds(60);

  /// Told of everything that happens to a process.
  @FunctionalInterface
  interface Log {
    void tell(String node, String kind, String detail);
  }

  private final Ground ground;
  private final Watch watch;
  private final Log log;
  private final DiskFaults disks;
  private final Damage damage;
  private final ClockFaults clocks;
  private final Operator operator;
  private final Intruder intruder;
  private final Oversized oversized;
  private final Ticker ticker = Ticker.system();

  /// What shows that a fault happened, by its number in the timeline.
  private final Map<Integer, String> effects = new HashMap<>();

  private final Runnable beforeLoss;

  /// @param beforeLoss called before what nodes wrote down is taken from them
  NodeFaults(
      Ground ground,
      Watch watch,
      History history,
      Log log,
      SplittableRandom random,
      Runnable beforeLoss) {
    this.beforeLoss = beforeLoss;
    this.ground = ground;
    this.watch = watch;
    this.log = log;
    this.disks = new DiskFaults(ground);
    this.damage = new Damage(ground, log, random);
    this.clocks = new ClockFaults(ground);
    this.operator = new Operator(ground);
    this.intruder = new Intruder(ground, watch, history);
    this.oversized = new Oversized(ground, log);
  }

  /// What goes before damage and is no part of it.
  void prepare(FaultSpec damaging, List<String> hit) throws IOException {
    damage.prepare(hit, damaging.text("file"));
  }

  void begin(int number, FaultSpec fault, List<String> hit)
      throws IOException, InterruptedException {
    switch (fault.kind()) {
      case KILL -> effects.put(number, killed(hit));
      case WIPE -> kill(hit);
      case PAUSE -> signal(hit, "STOP", "PAUSED");
      case RESTART -> effects.put(number, restart(hit, fault.flag("rolling")));
      case STALE -> {
        kill(hit);
        disks.keepCopies(hit);
        start(hit, List.of());
      }
      case CORRUPT -> effects.put(number, damage.begin(hit, fault.text("file")));
      case CONFIG -> {
        kill(hit);
        start(
            hit,
            List.of(
                "--" + fault.text("setting").replace('.', '-').replace('_', '-'),
                fault.text("value")));
      }
      case CLOCK -> fast(hit, fault.number("rate", 0));
      case CLOCK_JUMP -> effects.put(number, clocks.jump(hit, fault));
      case SLOW_DISK -> effects.put(number, disks.slow(hit, fault.duration("delay")));
      case FULL_DISK -> effects.put(number, disks.fill(hit));
      case SWITCH_MODE -> operator.beginSwitch(number, fault.text("mode"));
      case REMOVE_VOTER -> operator.beginVoters(number, false, hit);
      case ADD_VOTER -> operator.beginVoters(number, true, hit);
      case HOSTILE -> effects.put(number, intruder.harass(hit));
      case OVERSIZED -> effects.put(number, oversized.send(hit));
      case FORGE -> effects.put(number, intruder.forge(hit));
      default -> throw new IllegalArgumentException(fault.kind() + " is no fault of nodes");
    }
  }

  /// @return what shows that the fault happened; empty when nothing does
  String end(int number, FaultSpec fault, List<String> hit)
      throws IOException, InterruptedException {
    String effect = effects.remove(number);
    switch (fault.kind()) {
      case KILL -> start(hit, List.of());
      case CORRUPT -> damage.end(hit, fault.text("file"));
      case WIPE -> {
        beforeLoss.run();
        disks.wipe(hit);
        hit.forEach(node -> log.tell(node, "WIPED", "its state folder is empty"));
        start(hit, List.of());
      }
      case PAUSE -> signal(hit, "CONT", "RESUMED");
      case STALE -> {
        kill(hit);
        beforeLoss.run();
        disks.restoreCopies(hit);
        hit.forEach(node -> log.tell(node, "RESTORED", "its state folder is an older copy"));
        start(hit, List.of());
      }
      case CONFIG -> {
        kill(hit);
        start(hit, List.of());
      }
      case CLOCK -> effect = right(hit, fault.number("rate", 0));
      case CLOCK_JUMP -> clocks.back(hit);
      case SLOW_DISK -> disks.fast();
      case FULL_DISK -> disks.free(hit);
      case SWITCH_MODE -> effect = operator.end(number).told();
      case REMOVE_VOTER, ADD_VOTER -> {
        var change = operator.end(number);
        hit.forEach(node -> log.tell(node, "VOTERS", change.told()));
        effect = change.happened() ? change.told() : "";
      }
      default -> {}
    }
    return effect == null ? String.join(", ", hit) + " " + fault.kind().word() : effect;
  }

  private void kill(List<String> nodes) throws InterruptedException {
    var _ = killed(nodes);
  }

  /// @return who ran until then, in words; of one that had ended by itself that is told
  private String killed(List<String> nodes) throws InterruptedException {
    List<String> ran = ground.kill(nodes);
    ran.forEach(node -> log.tell(node, "KILLED", "SIGKILL"));
    return ran.isEmpty() ? "" : String.join(", ", ran) + " killed";
  }

  private void start(List<String> nodes, List<String> more) throws IOException {
    for (String node : nodes) {
      ground.start(node, more);
      log.tell(node, "STARTED", String.join(" ", more));
    }
  }

  /// A process takes on other clocks when it starts.
  private void fast(List<String> nodes, int perMille) throws IOException, InterruptedException {
    halt(nodes);
    clocks.fast(nodes, perMille);
    start(nodes, List.of());
    clocks.begin(nodes);
  }

  private String right(List<String> nodes, int perMille) throws IOException, InterruptedException {
    String effect = clocks.end(nodes, perMille);
    halt(nodes);
    start(nodes, List.of());
    return effect;
  }

  private void halt(List<String> nodes) throws InterruptedException {
    for (String node : nodes) {
      if (ground.running(node)) {
        var _ = ground.stop(node);
        log.tell(node, "STOPPED", "SIGTERM");
      }
    }
  }

  private void signal(List<String> nodes, String name, String happened) {
    for (String node : nodes) {
      ground.signal(node, name);
      log.tell(node, happened, "SIG" + name);
    }
  }

  private String restart(List<String> nodes, boolean rolling)
      throws IOException, InterruptedException {
    int orderly = 0;
    for (List<String> group : rolling ? nodes.stream().map(List::of).toList() : List.of(nodes)) {
      for (String node : group) {
        boolean ran = ground.running(node);
        orderly += ground.stop(node) ? 1 : 0;
        if (ran) {
          log.tell(node, "STOPPED", "SIGTERM");
        }
      }
      start(group, List.of());
      if (rolling) {
        awaitBack(group.getFirst());
      }
    }
    return "%d of %d ended by themselves and all were started again"
        .formatted(orderly, nodes.size());
  }

  /// The next one is stopped only when this one follows again.
  private void awaitBack(String node) {
    Moment end = ticker.now().plus(BACK);
    while (ticker.now().isBefore(end)
        && watch.latest().stream().noneMatch(s -> s.node().equals(node) && !s.leader().isEmpty())) {
      LockSupport.parkNanos(Duration.ofMillis(50).toNanos());
    }
  }
}
