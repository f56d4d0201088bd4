package io.ringrift.chaos.invariant;

import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.Leadership;
import java.util.function.IntPredicate;

/// At no true instant do two nodes hold a lease, each asked by its own clock, paused ones included
/// (RELIABILITY C.2: intervals of belief do not overlap; Gray and Cheriton, Leases). Passing time
/// only ends leases, so it is enough to look when a node has stepped.
final class OneLeaseHolder implements Invariant {
  private final int nodes;
  private final IntPredicate leads;

  OneLeaseHolder(int nodes, IntPredicate leads) {
    this.nodes = nodes;
    this.leads = leads;
  }

  @Override
  public void stepped(int node, Epoch promised, Leadership leadership) {
    if (!leads.test(node)) {
      return;
    }
    for (int other = 0; other < nodes; other++) {
      if (other != node && leads.test(other)) {
        throw new InvariantBroken(
            this,
            "nodes %d and %d hold a lease at one instant; the former in epoch %s"
                .formatted(node + 1, other + 1, leadership.epoch()));
      }
    }
  }
}
