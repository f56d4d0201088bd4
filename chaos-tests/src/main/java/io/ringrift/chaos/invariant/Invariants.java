package io.ringrift.chaos.invariant;

import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.Leadership;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.consensus.ledger.LogPosition;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.function.IntPredicate;

/// All invariants of one run, told in one call. One thread.
public final class Invariants implements Invariant {
  private final Invariant[] all;

  /// @param leads whether a node, asked now by its own clock, says that it leads
  public Invariants(int nodes, IntPredicate leads) {
    var acknowledged = new BitSet();
    this.all =
        new Invariant[] {
          new OneLeaderPerEpoch(),
          new OneLeaseHolder(nodes, leads),
          new EpochNeverFalls(nodes),
          new OneVotePerEpoch(nodes),
          new QuorumOfGrants(nodes),
          new NothingAcknowledgedIsLost(acknowledged),
          new RefusedIsNeverDone(),
          new LogMatching(),
          new NoOrderFromTheDeposed(nodes),
          new LinearizableBarrierRead(acknowledged),
          new HealsWithinABound()
        };
  }

  @Override
  public void booted(int node, Epoch promised, Epoch gate) {
    for (Invariant each : all) {
      each.booted(node, promised, gate);
    }
  }

  @Override
  public void promised(int voter, Epoch epoch, Optional<NodeId> grantedTo) {
    for (Invariant each : all) {
      each.promised(voter, epoch, grantedTo);
    }
  }

  @Override
  public void granted(int voter, Epoch epoch, NodeId to, boolean durable) {
    for (Invariant each : all) {
      each.granted(voter, epoch, to, durable);
    }
  }

  @Override
  public void announced(int node, Leadership leadership) {
    for (Invariant each : all) {
      each.announced(node, leadership);
    }
  }

  @Override
  public void stepped(int node, Epoch promised, Leadership leadership) {
    for (Invariant each : all) {
      each.stepped(node, promised, leadership);
    }
  }

  @Override
  public void stored(int node, LogPosition previous, LogPosition position, long content) {
    for (Invariant each : all) {
      each.stored(node, previous, position, content);
    }
  }

  @Override
  public void committed(int node, LogPosition position, long content, String stateHash) {
    for (Invariant each : all) {
      each.committed(node, position, content, stateHash);
    }
  }

  @Override
  public void restored(int node, LogPosition position, String stateHash) {
    for (Invariant each : all) {
      each.restored(node, position, stateHash);
    }
  }

  @Override
  public void acknowledged(int node, long command, LogPosition position) {
    for (Invariant each : all) {
      each.acknowledged(node, command, position);
    }
  }

  @Override
  public void unwritten(long command) {
    for (Invariant each : all) {
      each.unwritten(command);
    }
  }

  @Override
  public void dutiesOpened(int node, Epoch epoch, BitSet applied) {
    for (Invariant each : all) {
      each.dutiesOpened(node, epoch, applied);
    }
  }

  @Override
  public void dropped(int node, LogPosition position, long command, BitSet applied) {
    for (Invariant each : all) {
      each.dropped(node, position, command, applied);
    }
  }

  @Override
  public void reached(int worker, Epoch epoch) {
    for (Invariant each : all) {
      each.reached(worker, epoch);
    }
  }

  @Override
  public void obeyed(int worker, int leader, Epoch epoch) {
    for (Invariant each : all) {
      each.obeyed(worker, leader, epoch);
    }
  }

  @Override
  public void readBegan(long ticket) {
    for (Invariant each : all) {
      each.readBegan(ticket);
    }
  }

  @Override
  public void readServed(int node, long ticket, BitSet applied) {
    for (Invariant each : all) {
      each.readServed(node, ticket, applied);
    }
  }

  @Override
  public void readEnded(long ticket) {
    for (Invariant each : all) {
      each.readEnded(ticket);
    }
  }

  @Override
  public void healed(List<String> missing) {
    for (Invariant each : all) {
      each.healed(missing);
    }
  }

  @Override
  public void finished(List<BitSet> applied) {
    for (Invariant each : all) {
      each.finished(applied);
    }
  }
}
