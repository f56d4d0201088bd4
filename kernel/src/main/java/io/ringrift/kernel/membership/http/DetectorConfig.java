package io.ringrift.kernel.membership.http;

import io.ringrift.kernel.BootId;
import io.ringrift.kernel.Endpoint;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Timing;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What the detector is born with.
///
/// @param advertise where others dial this node; empty for an outbound-only node
/// @param voters configured voters and where they listen
/// @param seeds further endpoints to greet, whoever answers there
/// @param maxMembers bound of the table
record DetectorConfig(
    NodeId self,
    BootId boot,
    Optional<Endpoint> advertise,
    Map<NodeId, Endpoint> voters,
    List<Endpoint> seeds,
    Timing timing,
    int maxMembers) {}
