package io.ringrift.chaos.run;

import io.ringrift.chaos.evidence.EvidenceRecorder;
import io.ringrift.chaos.evidence.FaultBand;
import io.ringrift.chaos.evidence.NodeEvent;
import io.ringrift.chaos.evidence.RoleSample;
import io.ringrift.chaos.ground.Ground;
import io.ringrift.chaos.history.History;
import io.ringrift.chaos.history.RunClock;
import io.ringrift.chaos.link.Link;
import io.ringrift.chaos.link.LinkRule;
import io.ringrift.chaos.scenario.FaultKind;
import io.ringrift.chaos.scenario.FaultSpec;
import io.ringrift.chaos.scenario.Targets;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.locks.LockSupport;

/// Begins and ends faults. What it did is recorded as bands and node events. One thread.
final class Striker {
  /// Most leaders for whom what a fault needs is prepared.
  private static final int MOST_LEADERS = 3;

  /// In which a leader comes, where one is to be struck.
  private static final Duration LEADER = Duration.ofSeconds(30);

  private static final Duration AGAIN = Duration.ofMillis(50);

  private final Ground ground;
  private final Watch watch;
  private final RunClock clock;
  private final EvidenceRecorder recorder;
  private final Targets targets;
  private final LinkFaults links;
  private final NodeFaults nodes;

  /// By the number of the fault in the timeline.
  private final Map<Integer, Strike> active = new LinkedHashMap<>();

  /// When each node was started last, of those that a fault has started.
  private final Map<String, Long> started = new HashMap<>();

  /// @param beforeLoss called before what nodes wrote down is taken from them
  Striker(
      Ground ground,
      Watch watch,
      RunClock clock,
      EvidenceRecorder recorder,
      History history,
      long seed,
      Runnable beforeLoss) {
    this.ground = ground;
    this.watch = watch;
    this.clock = clock;
    this.recorder = recorder;
    var all = new ArrayList<>(ground.voters());
    all.addAll(ground.workers());
    this.targets = new Targets(ground.voters(), ground.workers(), new SplittableRandom(seed));
    this.links = new LinkFaults(all);
    this.nodes =
        new NodeFaults(
            ground, watch, history, clock, this::event, new SplittableRandom(seed + 1), beforeLoss);
  }

  /// Who is meant by the words now.
  List<String> resolve(List<String> words) {
    return targets.resolve(words, leader(), List.of());
  }

  /// Who leads or led last. One that was started again since does not lead by that.
  private Optional<String> leader() {
    return watch
        .ledLast()
        .filter(told -> told.atNanos() > started.getOrDefault(told.node(), -1L))
        .map(RoleSample::node)
        .filter(ground::running);
  }

  /// Waits for a leader where one is to be struck: the last one may have been killed, and the next
  /// one may take its time. Without one nobody is struck, and the band has no effect.
  void awaitTargets(FaultSpec fault) throws InterruptedException {
    if (!Targets.nameLeader(fault.targets()) && !Targets.nameLeader(fault.to())) {
      return;
    }
    long end = clock.nanos() + LEADER.toNanos();
    while (leader().isEmpty() && clock.nanos() < end) {
      LockSupport.parkNanos(this, AGAIN.toNanos());
      if (Thread.interrupted()) {
        throw new InterruptedException("the run was interrupted");
      }
    }
  }

  void begin(int number, FaultSpec fault) throws IOException, InterruptedException {
    List<String> hit =
        fault.kind() == FaultKind.CORRUPT ? prepared(fault) : resolve(fault.targets());
    List<String> to = targets.resolve(fault.to(), leader(), hit);
    Map<Link, LinkRule> rules =
        LinkFaults.concerns(fault.kind()) && !strikesNobody(fault, hit)
            ? links.rules(fault, hit, to, parts(fault, hit))
            : Map.of();
    boolean takes = watch.leader().filter(l -> takesAway(fault, hit, l.node())).isPresent();
    var strike = new Strike(fault, hit, rules, clock.nanos(), ground.struck(rules.keySet()), takes);
    active.put(number, strike);
    if (LinkFaults.concerns(fault.kind())) {
      applyLinks();
    } else if (!strikesNobody(fault, hit)) {
      nodes.begin(number, fault, hit);
    }
  }

  private List<List<String>> parts(FaultSpec fault, List<String> hit) {
    List<String> beside = fault.kind() == FaultKind.BRIDGE ? hit : List.of();
    return targets.parts(fault.number("parts", 2), beside);
  }

  private static boolean strikesNobody(FaultSpec fault, List<String> hit) {
    return hit.isEmpty() && !fault.targets().isEmpty();
  }

  /// Whom it strikes. That may take time: who leads by then is meant.
  private List<String> prepared(FaultSpec fault) throws IOException {
    List<String> hit = List.of();
    for (int i = 0; i < MOST_LEADERS; i++) {
      Optional<String> leader = leader();
      hit = targets.resolve(fault.targets(), leader, List.of());
      nodes.prepare(fault, hit);
      if (leader.equals(leader())) {
        break;
      }
    }
    return hit;
  }

  /// Whether the leader is silent to all others until the end. One that is started again at once
  /// may lead again before anybody missed it.
  private static boolean takesAway(FaultSpec fault, List<String> hit, String leader) {
    return switch (fault.kind()) {
      case KILL, PAUSE, ISOLATE, WIPE, CORRUPT -> hit.contains(leader);
      default -> false;
    };
  }

  void end(int number) throws IOException, InterruptedException {
    Strike strike = active.remove(number);
    if (strike == null) {
      return;
    }
    String effect;
    if (LinkFaults.concerns(strike.fault().kind())) {
      applyLinks();
      long struck = ground.struck(strike.rules().keySet()) - strike.struckBefore();
      effect =
          struck == 0
              ? ""
              : struck + " times something was held back, lost, doubled, exchanged or ended";
    } else if (strikesNobody(strike.fault(), strike.targets())) {
      effect = "";
    } else {
      effect = nodes.end(number, strike.fault(), strike.targets());
    }
    recorder.fault(
        new FaultBand(
            strike.fault().kind().word(),
            shown(strike),
            strike.beganNanos(),
            clock.nanos(),
            effect,
            strike.takesLeader()));
  }

  private static List<String> shown(Strike strike) {
    if (strike.fault().kind() == FaultKind.ISOLATE || strike.rules().isEmpty()) {
      return strike.targets();
    }
    return strike.rules().keySet().stream()
        .map(link -> link.from() + ">" + link.to())
        .sorted()
        .toList();
  }

  private void applyLinks() {
    ground.links(
        LinkFaults.merged(new ArrayList<>(active.values().stream().map(Strike::rules).toList())));
  }

  /// Ends whatever is in force, latest first; for the end of a run that broke off too. One that
  /// cannot be ended keeps no other in force.
  ///
  /// @throws IOException which could not be ended and why, all of them
  void endAll() throws IOException, InterruptedException {
    var failed = new ArrayList<Exception>();
    var causes = new ArrayList<String>();
    for (var each : List.copyOf(active.entrySet()).reversed()) {
      try {
        end(each.getKey());
      } catch (IOException | RuntimeException e) {
        failed.add(e);
        causes.add(each.getValue().fault().kind().word() + ": " + e);
      }
    }
    if (!failed.isEmpty()) {
      throw new IOException(
          "faults could not be ended: " + String.join("; ", causes), failed.getFirst());
    }
  }

  private void event(String node, String kind, String detail) {
    if (kind.equals("STARTED")) {
      started.put(node, clock.nanos());
    }
    recorder.event(new NodeEvent(clock.nanos(), node, kind, 0, detail));
  }
}
