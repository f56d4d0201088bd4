package io.ringrift.chaos.invariant;

import io.ringrift.kernel.Epoch;

/// A worker that obeyed an order of one epoch, or was reached by a leader whose duties are open in
/// it, obeys no order of an earlier one, over all restarts (RELIABILITY F1).
final class NoOrderFromTheDeposed implements Invariant {
  private final long[] seen;

  NoOrderFromTheDeposed(int nodes) {
    seen = new long[nodes];
  }

  @Override
  public void reached(int worker, Epoch epoch) {
    seen[worker] = Math.max(seen[worker], epoch.value());
  }

  @Override
  public void obeyed(int worker, int leader, Epoch epoch) {
    if (epoch.value() < seen[worker]) {
      throw new InvariantBroken(
          this,
          "worker %d obeys node %d in epoch %s after it had seen epoch %d"
              .formatted(worker + 1, leader + 1, epoch, seen[worker]));
    }
    seen[worker] = epoch.value();
  }
}
