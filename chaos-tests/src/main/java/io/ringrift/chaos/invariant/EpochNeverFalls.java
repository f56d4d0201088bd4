package io.ringrift.chaos.invariant;

import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.Leadership;
import io.ringrift.kernel.NodeId;
import java.util.Optional;

/// On one node, over all restarts, neither the promised epoch nor the gate's nor the one it names
/// to others ever falls (RELIABILITY E2).
final class EpochNeverFalls implements Invariant {
  private final long[] promised;
  private final long[] gate;
  private final long[] announced;

  EpochNeverFalls(int nodes) {
    promised = new long[nodes];
    gate = new long[nodes];
    announced = new long[nodes];
  }

  @Override
  public void booted(int node, Epoch promise, Epoch gateEpoch) {
    rise(promised, node, promise, "promise after the restart");
    rise(gate, node, gateEpoch, "gate after the restart");
  }

  @Override
  public void promised(int voter, Epoch epoch, Optional<NodeId> grantedTo) {
    rise(promised, voter, epoch, "promise");
  }

  @Override
  public void stepped(int node, Epoch promise, Leadership leadership) {
    if (promise.value() < promised[node]) {
      rise(promised, node, promise, "promise");
    }
  }

  @Override
  public void announced(int node, Leadership leadership) {
    rise(announced, node, leadership.epoch(), "announced epoch");
  }

  @Override
  public void obeyed(int worker, int leader, Epoch epoch) {
    rise(gate, worker, epoch, "obeyed epoch");
  }

  private void rise(long[] greatest, int node, Epoch epoch, String what) {
    if (epoch.value() < greatest[node]) {
      throw new InvariantBroken(
          this, "node %d: %s fell from %d to %s".formatted(node + 1, what, greatest[node], epoch));
    }
    greatest[node] = epoch.value();
  }
}
