package io.ringrift.chaos.sim;

import io.ringrift.chaos.invariant.Invariants;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The last part of a run: removes all faults and waits, within a bound, for one leader that all
/// name, a fresh command done, and equal ledgers. One thread.
final class Healing {
  private final Sim sim;
  private final Invariants invariants;
  private final SideHealing sides;
  private final long bound;
  private final long pace;
  private long began;
  private long took;
  private boolean healed;
  private @Nullable Operation fresh;
  private long retryAt;

  Healing(Sim sim, SimConfig config, Invariants invariants) {
    this.sim = sim;
    this.invariants = invariants;
    this.sides = new SideHealing(sim.sides(), config);
    this.pace = config.timing().heartbeat().toNanos() / 2;
    // A restarted voter first sits out one lease; a message sent before the end may arrive three
    // leases later and cost another round; then one election and the stagger of all ranks.
    this.bound =
        5 * config.timing().lease().toNanos()
            + (6 + 2L * config.nodes()) * config.timing().electionTimeout().toNanos()
            + 4 * config.timing().heartbeat().toNanos();
  }

  void begin() {
    began = sim.now();
    sim.network().calm();
    sim.sides().endStorm();
    sim.workload().stop();
    for (int i = 0; i < sim.nodes(); i++) {
      sim.node(i).calm();
    }
    sim.after(pace, this::look);
  }

  boolean over() {
    return healed && sides.over();
  }

  long took() {
    return took;
  }

  long sidesTook() {
    return sides.took();
  }

  private void look() {
    long passed = sim.now() - began;
    sides.look(passed);
    if (!healed) {
      lookAtConsensus(passed);
    }
    if (!over()) {
      sim.after(pace, this::look);
    }
  }

  private void lookAtConsensus(long passed) {
    List<String> missing = missing();
    if (!missing.isEmpty() && passed <= bound) {
      return;
    }
    took = passed;
    invariants.healed(missing);
    var applied = new ArrayList<BitSet>();
    for (int i = 0; i < sim.nodes(); i++) {
      applied.add(sim.node(i).machine().numbers());
    }
    invariants.finished(applied);
    healed = true;
  }

  private List<String> missing() {
    var missing = new ArrayList<String>();
    SimNode leader = null;
    for (int i = 0; i < sim.nodes(); i++) {
      SimNode node = sim.node(i);
      if (node.mayOrder()) {
        if (leader != null) {
          missing.add(leader.id() + " and " + node.id() + " both lead");
        }
        leader = node;
      }
    }
    if (leader == null) {
      missing.add("nobody leads");
      return missing;
    }
    propose(leader, missing);
    for (int i = 0; i < sim.nodes(); i++) {
      compare(leader, sim.node(i), missing);
    }
    return missing;
  }

  private void propose(SimNode leader, List<String> missing) {
    if (fresh != null && fresh.state == Operation.State.DONE) {
      return;
    }
    missing.add("no fresh command is done");
    boolean waiting = fresh != null && fresh.state == Operation.State.OPEN;
    if (!waiting || sim.now() >= retryAt) {
      fresh = sim.workload().propose(leader);
      retryAt = sim.now() + bound / 8;
    }
  }

  private static void compare(SimNode leader, SimNode node, List<String> missing) {
    if (!node.published().leader().equals(leader.published().leader())
        || !node.published().epoch().equals(leader.published().epoch())) {
      missing.add(node.id() + " says " + node.published());
    }
    var theirs = node.machine();
    var ours = leader.machine();
    if (!theirs.applied().equals(ours.applied()) || !theirs.stateHash().equals(ours.stateHash())) {
      missing.add(
          "%s stands at %s, %s at %s"
              .formatted(node.id(), theirs.applied(), leader.id(), ours.applied()));
    }
    var cell = node.cell();
    var leading = leader.cell();
    if (cell == null || leading == null || !cell.logEnd().equals(leading.logEnd())) {
      missing.add(node.id() + " has another log end than " + leader.id());
    }
  }
}
