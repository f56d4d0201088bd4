package io.ringrift.kernel.boot;

import io.ringrift.kernel.BootId;
import io.ringrift.kernel.Endpoint;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Timing;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// Everything the kernel needs to know.
///
/// @param advertise where others dial this node; empty for an outbound-only node
/// @param voters configured voters; empty only for a standalone node, which then is the one voter
/// @param seeds endpoints to say hello to beside the voters
/// @param stateDir folder that belongs to this node alone; locked while it runs
public record KernelConfig(
    String clusterId,
    NodeId self,
    BootId boot,
    Optional<Endpoint> advertise,
    List<Voter> voters,
    List<Endpoint> seeds,
    MembershipMode membershipMode,
    ConsensusMode consensusMode,
    Timing timing,
    Path stateDir) {
  /// A configured voter.
  ///
  /// @param priority greater ranks higher; equal priorities are ranked by node id
  public record Voter(NodeId id, Endpoint endpoint, int priority) {}

  public enum MembershipMode {
    HTTP,
    SWIM,
    HYBRID
  }

  public enum ConsensusMode {
    BULLY,
    RAFT,
    HYBRID
  }

  /// Can dial out only: never a voter, orders travel back over the stream it opens.
  public boolean outboundOnly() {
    return advertise.isEmpty();
  }

  public boolean isVoter() {
    return voters.stream().anyMatch(v -> v.id().equals(self));
  }
}
