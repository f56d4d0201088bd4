package io.ringrift.chaos.invariant;

import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.Leadership;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Role;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/// Who leads an epoch was granted it, durably, by a strict majority of the configured voters
/// (RELIABILITY E4; SPEC 3.4).
final class QuorumOfGrants implements Invariant {
  private record Candidacy(long epoch, NodeId candidate) {}

  private final int quorum;
  private final Map<Candidacy, Integer> grants = new HashMap<>();

  QuorumOfGrants(int nodes) {
    this.quorum = nodes / 2 + 1;
  }

  @Override
  public void promised(int voter, Epoch epoch, Optional<NodeId> grantedTo) {
    grantedTo.ifPresent(
        candidate ->
            grants.merge(new Candidacy(epoch.value(), candidate), 1 << voter, (a, b) -> a | b));
  }

  @Override
  public void announced(int node, Leadership leadership) {
    if (leadership.role() != Role.LEADER) {
      return;
    }
    NodeId self = leadership.leader().orElseThrow();
    int voters = grants.getOrDefault(new Candidacy(leadership.epoch().value(), self), 0);
    if (Integer.bitCount(voters) < quorum) {
      throw new InvariantBroken(
          this,
          "%s leads epoch %s by %d durable grants of %d needed"
              .formatted(self, leadership.epoch(), Integer.bitCount(voters), quorum));
    }
  }
}
