package io.ringrift.chaos.invariant;

import io.ringrift.kernel.Leadership;
import io.ringrift.kernel.NodeId;
import java.util.HashMap;
import java.util.Map;

/// An epoch has one leader, whoever says so and whenever (RELIABILITY E1; Raft thesis, figure 3.2,
/// Election Safety).
final class OneLeaderPerEpoch implements Invariant {
  private final Map<Long, NodeId> leaders = new HashMap<>();

  @Override
  public void announced(int node, Leadership leadership) {
    leadership
        .leader()
        .ifPresent(
            leader -> {
              NodeId known = leaders.putIfAbsent(leadership.epoch().value(), leader);
              if (known != null && !known.equals(leader)) {
                throw new InvariantBroken(
                    this,
                    "epoch %s is led by %s, and node %d names %s"
                        .formatted(leadership.epoch(), known, node + 1, leader));
              }
            });
  }
}
