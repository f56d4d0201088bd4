package io.ringrift.kernel.membership.http;

import io.ringrift.kernel.BootId;
import io.ringrift.kernel.Endpoint;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Timing;
import io.ringrift.kernel.wire.ClusterSettings;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What http membership needs to know of this node and its cluster.
///
/// @param advertise where others dial this node; empty for an outbound-only node
/// @param voters configured voters and where they listen, this node included when it is one
/// @param seeds endpoints to greet beside the voters
public record HttpConfig(
    ClusterSettings settings,
    NodeId self,
    BootId boot,
    Optional<Endpoint> advertise,
    Map<NodeId, Endpoint> voters,
    List<Endpoint> seeds,
    Timing timing) {
  /// Bound of the member table.
  static final int MAX_MEMBERS = 1000;

  DetectorConfig detector() {
    return new DetectorConfig(self, boot, advertise, voters, seeds, timing, MAX_MEMBERS);
  }
}
