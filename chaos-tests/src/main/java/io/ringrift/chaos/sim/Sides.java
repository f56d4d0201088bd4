package io.ringrift.chaos.sim;

import io.ringrift.chaos.invariant.SideInvariants;
import io.ringrift.chaos.invariant.Surroundings;
import io.ringrift.kernel.MemberState;
import io.ringrift.kernel.time.Moment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Supplier;

/// Membership and gossip of all nodes, those beside the voters included. Absent when the run drives
/// consensus alone: then every call does nothing. One thread.
final class Sides implements Surroundings {
  private final Sim sim;
  private final int voters;
  private final SplittableRandom random;
  private final int maxPartsPerMillion;
  private final SideInvariants invariants;
  private final SideNode[] nodes;
  private final SimClock[] clocks;
  private final Quiet quiet;
  private final long[][] heardAt;
  private boolean calm;

  Sides(Sim sim, SimConfig config) {
    this.sim = sim;
    this.voters = config.nodes();
    this.random = sim.chance().sides;
    this.maxPartsPerMillion = config.timing().maxDriftPerMille() * 500;
    var others = SidePlan.others(config);
    int members = config.sides().isPresent() ? voters + others.size() : 0;
    this.invariants = new SideInvariants(members, config.timing(), this);
    this.quiet = new Quiet(members);
    this.heardAt = new long[members][members];
    this.clocks = new SimClock[members];
    this.nodes = new SideNode[members];
    for (int i = 0; i < members; i++) {
      nodes[i] = new SideNode(this, sim, config, i, i >= voters && others.get(i - voters));
    }
  }

  /// Starts the nodes beside the voters.
  void start() {
    for (int i = voters; i < nodes.length; i++) {
      bootAlone(i);
    }
  }

  // --- life ---

  void booted(int node, Supplier<Moment> clock) {
    if (node < nodes.length) {
      quiet.awake(node, sim.now());
      nodes[node].boot(clock);
    }
  }

  void died(int node) {
    if (node < nodes.length) {
      quiet.awake(node, Long.MAX_VALUE);
      nodes[node].die();
    }
  }

  void paused(int node) {
    if (node < nodes.length) {
      quiet.awake(node, Long.MAX_VALUE);
      nodes[node].pause();
    }
  }

  void resumed(int node) {
    if (node < nodes.length) {
      quiet.awake(node, sim.now());
      nodes[node].resume();
    }
  }

  private void bootAlone(int node) {
    int rate =
        maxPartsPerMillion == 0 ? 0 : random.nextInt(-maxPartsPerMillion, maxPartsPerMillion + 1);
    var clock = new SimClock(sim.now(), random.nextLong(1L << 50), rate);
    clocks[node] = clock;
    booted(node, () -> clock.at(sim.now()));
  }

  /// A fault of a node beside the voters.
  void strike(Fault fault) {
    switch (fault) {
      case Fault.Crash(var _, var node, var _, var downFor) -> {
        died(node);
        bootLater(node, downFor);
      }
      case Fault.Leave(var _, var node, var downFor) -> {
        if (node < nodes.length) {
          nodes[node].leave();
        }
        died(node);
        bootLater(node, downFor);
      }
      case Fault.Pause(var _, var until, var node, var _) -> {
        if (node < nodes.length && nodes[node].isUp()) {
          int life = nodes[node].life();
          paused(node);
          sim.at(
              Math.min(until, sim.stormEnds()),
              () -> {
                if (nodes[node].life() == life && nodes[node].isUp()) {
                  resumed(node);
                }
              });
        }
      }
      default ->
          throw new IllegalArgumentException("no fault of a node beside the voters: " + fault);
    }
  }

  private void bootLater(int node, long downFor) {
    sim.at(
        Math.min(sim.now() + downFor, sim.stormEnds()),
        () -> {
          if (node < nodes.length && !nodes[node].isUp()) {
            bootAlone(node);
          }
        });
  }

  void endStorm() {
    calm = true;
    quiet.calm(sim.now());
  }

  // --- messages ---

  void send(int from, int to, SideMessage message) {
    sim.network().send(from, to, message, random);
  }

  void deliver(int from, int to, SideMessage message) {
    nodes[to].deliver(from, message);
  }

  void heard(int observer, int of) {
    heardAt[observer][of] = sim.now();
  }

  Quiet quiet() {
    return quiet;
  }

  SideInvariants invariants() {
    return invariants;
  }

  SplittableRandom random() {
    return random;
  }

  boolean calm() {
    return calm;
  }

  /// Voters and the nodes beside them.
  int members() {
    return nodes.length;
  }

  // --- what invariants ask ---

  @Override
  public int present(int node) {
    return nodes[node].isUp() ? nodes[node].life() : 0;
  }

  @Override
  public boolean outboundOnly(int node) {
    return nodes[node].dialsOnly();
  }

  @Override
  public long quietFor(int observer, int of) {
    long since = quiet.since(observer, of);
    if (outboundOnly(observer) || outboundOnly(of)) {
      for (int voter = 0; voter < voters; voter++) {
        if (voter != observer && voter != of) {
          since = Math.max(since, Math.max(quiet.since(observer, voter), quiet.since(voter, of)));
        }
      }
    }
    return Math.max(0, sim.now() - since);
  }

  @Override
  public long silentFor(int observer, int of) {
    long since = Math.max(heardAt[observer][of], quiet.awakeSince(observer));
    if (outboundOnly(of)) {
      for (int voter = 0; voter < voters; voter++) {
        since = Math.max(since, heardAt[voter][of]);
      }
    }
    return Math.max(0, sim.now() - since);
  }

  // --- what healing asks ---

  List<String> viewsMissing() {
    var missing = new ArrayList<String>();
    for (SideNode observer : nodes) {
      var seen = new HashMap<Integer, String>();
      observer
          .members()
          .forEach(
              m ->
                  seen.put(
                      SimConfig.index(m.id()),
                      row(m.state(), Boots.life(m.boot()), m.incarnation().value())));
      for (int of = 0; of < nodes.length; of++) {
        var cell = nodes[of].view();
        String is =
            row(MemberState.ALIVE, nodes[of].life(), cell == null ? 0 : cell.incarnation().value());
        if (!is.equals(seen.get(of))) {
          missing.add(
              "%s sees %s as %s, which is %s"
                  .formatted(observer.self(), SimConfig.node(of), seen.get(of), is));
        }
      }
    }
    return missing;
  }

  private static String row(MemberState state, int life, long incarnation) {
    return state + " in boot " + life + " at incarnation " + incarnation;
  }

  List<String> factsMissing() {
    var missing = new ArrayList<String>();
    for (SideNode holder : nodes) {
      long[] newest = new long[nodes.length];
      var cell = holder.facts();
      if (cell != null) {
        cell.read(
            (owner, boot, counter, _) -> {
              int of = SimConfig.index(owner);
              newest[of] = Boots.life(boot) == nodes[of].life() ? counter : -counter;
            });
      }
      for (int of = 0; of < nodes.length; of++) {
        if (newest[of] != nodes[of].newestFact()) {
          missing.add(
              "%s holds version %d of %s, which made %d"
                  .formatted(
                      holder.self(), newest[of], SimConfig.node(of), nodes[of].newestFact()));
        }
      }
    }
    return missing;
  }
}
