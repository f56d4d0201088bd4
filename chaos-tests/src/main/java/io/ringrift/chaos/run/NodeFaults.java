package io.ringrift.chaos.run;

import io.ringrift.chaos.ground.Ground;
import io.ringrift.chaos.history.History;
import io.ringrift.chaos.history.RunClock;
import io.ringrift.chaos.scenario.FaultSpec;
import io.ringrift.kernel.time.Moment;
import io.ringrift.kernel.time.Ticker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.locks.LockSupport;

/// Faults of processes and of what lies on their disks. One thread.
final class NodeFaults {
  private static final Duration BACK = Duration.ofSeconds(60);

  /// In which a process stands still that was told to.
  private static final Duration SEEN = Duration.ofSeconds(2);

  private static final Duration AGAIN = Duration.ofMillis(50);

  /// Told of everything that happens to a process. Safe for any thread.
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
  private final OddOnes odd;
  private final Oversized oversized;
  private final Ticker ticker = Ticker.system();
  private final RunClock clock;

  /// When each was started last.
  private final Map<String, Long> started = new HashMap<>();

  /// What shows that a fault happened, by its number in the timeline.
  private final Map<Integer, String> effects = new HashMap<>();

  private final Runnable beforeLoss;

  /// @param beforeLoss called before what nodes wrote down is taken from them
  NodeFaults(
      Ground ground,
      Watch watch,
      History history,
      RunClock clock,
      Log log,
      SplittableRandom random,
      Runnable beforeLoss) {
    this.beforeLoss = beforeLoss;
    this.ground = ground;
    this.watch = watch;
    this.clock = clock;
    this.log = log;
    this.disks = new DiskFaults(ground);
    this.damage = new Damage(ground, log, random);
    this.clocks = new ClockFaults(ground);
    this.operator = new Operator(ground, log);
    this.odd = new OddOnes(ground);
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
      case PAUSE -> effects.put(number, paused(hit));
      case RESTART -> effects.put(number, restart(hit, fault.flag("rolling")));
      case STALE -> {
        kill(hit);
        disks.keepCopies(hit);
        start(hit, List.of());
      }
      case CORRUPT -> effects.put(number, damage.begin(hit, fault.text("file")));
      case CONFIG -> {
        kill(hit);
        odd.begin(hit);
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
      case SWITCH_MODE -> operator.beginSwitch(number, fault.text("mode"), hit);
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
        effect = disks.wipe(hit);
        hit.forEach(node -> log.tell(node, "WIPED", "its state folder is empty"));
        start(hit, List.of());
      }
      case PAUSE -> signal(hit, "CONT", "RESUMED");
      case STALE -> {
        kill(hit);
        beforeLoss.run();
        effect = disks.restoreCopies(hit);
        hit.forEach(node -> log.tell(node, "RESTORED", "its state folder is an older copy"));
        start(hit, List.of());
      }
      case CONFIG -> {
        effect = odd.end(hit);
        kill(hit);
        start(hit, List.of());
      }
      case CLOCK -> effect = right(hit, fault.number("rate", 0));
      case CLOCK_JUMP -> effect = clocks.back(hit, fault) ? effect : "";
      case SLOW_DISK -> effect = disks.fast(hit) ? effect : "";
      case FULL_DISK -> disks.free(hit);
      case SWITCH_MODE, REMOVE_VOTER, ADD_VOTER -> {
        var change = operator.end(number);
        effect = change.happened() ? change.told() : "";
      }
      default -> {}
    }
    return effect == null ? "" : effect;
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
      started.put(node, clock.nanos());
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

  private String paused(List<String> nodes) {
    signal(nodes, "STOP", "PAUSED");
    return nodes.stream().allMatch(this::standsStill)
        ? String.join(", ", nodes) + " stood still, by what the kernel says of them"
        : "";
  }

  /// By its state in /proc: T, or t where it is traced.
  private boolean standsStill(String node) {
    Path status = Path.of("/proc/%d/status".formatted(ground.pid(node)));
    Moment end = ticker.now().plus(SEEN);
    while (ticker.now().isBefore(end)) {
      try {
        if (Files.readString(status).toLowerCase(Locale.ROOT).contains("state:\tt")) {
          return true;
        }
      } catch (IOException gone) {
        return false;
      }
      LockSupport.parkNanos(AGAIN.toNanos());
    }
    return false;
  }

  private void signal(List<String> nodes, String name, String happened) {
    for (String node : nodes) {
      if (ground.running(node)) {
        ground.signal(node, name);
        log.tell(node, happened, "SIG" + name);
      }
    }
  }

  private String restart(List<String> nodes, boolean rolling)
      throws IOException, InterruptedException {
    int ran = 0;
    int orderly = 0;
    for (List<String> group : rolling ? nodes.stream().map(List::of).toList() : List.of(nodes)) {
      for (String node : group) {
        if (ground.running(node)) {
          ran++;
          orderly += ground.stop(node) ? 1 : 0;
          log.tell(node, "STOPPED", "SIGTERM");
        }
      }
      start(group, List.of());
      if (rolling) {
        awaitBack(group.getFirst());
      }
    }
    return ran == 0
        ? ""
        : "%d of %d ended by themselves and all were started again".formatted(orderly, ran);
  }

  /// The next one is stopped only when this one follows again.
  private void awaitBack(String node) {
    Moment end = ticker.now().plus(BACK);
    // What it said last may be of before the stop.
    long since = started.getOrDefault(node, 0L);
    while (ticker.now().isBefore(end)
        && watch.latest().stream()
            .noneMatch(
                s -> s.node().equals(node) && s.atNanos() > since && !s.leader().isEmpty())) {
      LockSupport.parkNanos(AGAIN.toNanos());
    }
  }
}
