package io.ringrift.chaos.invariant;

import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.NodeId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A voter grants an epoch to one candidate at most, over all restarts, and no grant leaves it
/// before it is durable (RELIABILITY E3; Raft thesis, section 3.4).
final class OneVotePerEpoch implements Invariant {
  private final List<Map<Long, NodeId>> votes = new ArrayList<>();

  OneVotePerEpoch(int nodes) {
    for (int i = 0; i < nodes; i++) {
      votes.add(new HashMap<>());
    }
  }

  @Override
  public void promised(int voter, Epoch epoch, Optional<NodeId> grantedTo) {
    grantedTo.ifPresent(candidate -> vote(voter, epoch, candidate));
  }

  @Override
  public void granted(int voter, Epoch epoch, NodeId to, boolean durable) {
    vote(voter, epoch, to);
    if (!durable) {
      throw new InvariantBroken(
          this,
          "voter %d sent a grant of epoch %s to %s that its disk does not hold"
              .formatted(voter + 1, epoch, to));
    }
  }

  private void vote(int voter, Epoch epoch, NodeId candidate) {
    NodeId earlier = votes.get(voter).putIfAbsent(epoch.value(), candidate);
    if (earlier != null && !earlier.equals(candidate)) {
      throw new InvariantBroken(
          this,
          "voter %d granted epoch %s to %s and to %s"
              .formatted(voter + 1, epoch, earlier, candidate));
    }
  }
}
