package io.ringrift.chaos.sim;

import io.ringrift.chaos.invariant.Invariants;
import io.ringrift.kernel.Reason;
import java.util.SplittableRandom;

/// Clients at random nodes that propose numbered commands and read behind barriers, each waiting a
/// bounded time; and leaders that send orders to workers. One thread.
final class Workload {
  private final Sim sim;
  private final Invariants invariants;
  private final SplittableRandom random;
  private final long pace;
  private final long patience;
  private boolean stopped;
  private long tickets;
  private long commands;
  private long acknowledged;
  private long refused;
  private long unknown;
  private long reads;
  private long orders;
  private long obeyed;

  Workload(Sim sim, Invariants invariants, SplittableRandom random, SimConfig config) {
    this.sim = sim;
    this.invariants = invariants;
    this.random = random;
    this.pace = config.timing().heartbeat().toNanos();
    this.patience = 2 * config.timing().lease().toNanos();
  }

  void start() {
    sim.after(Chance.around(random, pace), this::client);
    sim.after(Chance.around(random, pace), this::duties);
  }

  /// No calls of its own any longer; open ones end by themselves.
  void stop() {
    stopped = true;
  }

  private void client() {
    if (stopped) {
      return;
    }
    SimNode node = random.nextInt(10) < 3 ? sim.anyNode(random) : sim.someLeader(random);
    if (random.nextInt(4) == 0) {
      read(node);
    } else {
      int burst = random.nextInt(12) == 0 ? 20 : 1;
      for (int i = 0; i < burst; i++) {
        propose(node);
      }
    }
    sim.after(Chance.around(random, pace), this::client);
  }

  /// Offers the next command at this node.
  Operation propose(SimNode node) {
    var operation = new Operation(++tickets, ++commands);
    sim.after(patience, () -> giveUp(node, operation));
    node.propose(operation);
    return operation;
  }

  private void read(SimNode node) {
    var operation = new Operation(++tickets, 0);
    invariants.readBegan(operation.ticket);
    sim.after(patience, () -> giveUp(node, operation));
    node.read(operation);
  }

  private void duties() {
    if (stopped) {
      return;
    }
    for (int i = 0; i < sim.nodes(); i++) {
      SimNode leader = sim.node(i);
      if (leader.mayOrder()) {
        orders++;
        leader.order(random.nextInt(sim.nodes()), false);
      }
    }
    sim.after(Chance.around(random, pace), this::duties);
  }

  private void giveUp(SimNode node, Operation operation) {
    node.forget(operation);
    if (operation.state == Operation.State.OPEN) {
      end(operation, Operation.State.UNKNOWN);
      unknown++;
    }
  }

  void done(SimNode node, Operation operation) {
    if (operation.state != Operation.State.OPEN) {
      return;
    }
    if (operation.isRead()) {
      invariants.readServed(node.index(), operation.ticket, node.machine().numbers());
      reads++;
    } else {
      var position = operation.position;
      if (position == null) {
        throw new IllegalStateException("command " + operation.command + " is done nowhere");
      }
      invariants.acknowledged(node.index(), operation.command, position);
      acknowledged++;
    }
    end(operation, Operation.State.DONE);
  }

  void refused(Operation operation, Reason reason) {
    if (operation.state != Operation.State.OPEN) {
      return;
    }
    if (reason == Reason.OUTCOME_UNKNOWN) {
      unknown++;
      end(operation, Operation.State.UNKNOWN);
    } else {
      refused++;
      end(operation, Operation.State.UNWRITTEN);
      if (!operation.isRead()) {
        invariants.unwritten(operation.command);
      }
    }
  }

  private void end(Operation operation, Operation.State state) {
    operation.state = state;
    if (operation.isRead()) {
      invariants.readEnded(operation.ticket);
    }
  }

  void obeyed() {
    obeyed++;
  }

  Outcome.Tally tally() {
    return new Outcome.Tally(acknowledged, refused, unknown, reads, obeyed, orders);
  }
}
