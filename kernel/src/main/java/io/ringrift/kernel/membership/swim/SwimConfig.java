package io.ringrift.kernel.membership.swim;

import io.ringrift.kernel.BootId;
import io.ringrift.kernel.Endpoint;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.Timing;
import io.ringrift.kernel.wire.ClusterSettings;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What membership by SWIM needs to know of this node and its cluster.
///
/// @param endpoint where others dial this node's services
/// @param bindHost address to listen on, and no other
/// @param bindPort port of that number for TCP and, without TLS, for UDP
/// @param advertise where others dial its SWIM; empty for an outbound-only node, which cannot take
///   part
/// @param voters configured voters and where their services listen
/// @param seeds where SWIM of the voters and seeds listens, tried for ever; may hold this node
/// @param timing when the dead are retired and forgotten
/// @param swim figures of the protocol
public record SwimConfig(
    ClusterSettings settings,
    NodeId self,
    BootId boot,
    Optional<Endpoint> endpoint,
    String bindHost,
    int bindPort,
    Optional<Endpoint> advertise,
    Map<NodeId, Endpoint> voters,
    List<Endpoint> seeds,
    Timing timing,
    SwimTiming swim,
    Optional<SwimTls> tls) {
  /// Bound of the member table.
  static final int MAX_MEMBERS = 1000;

  /// Removals are held back for as long while this node doubts itself.
  java.time.Duration holdAtMost() {
    return timing.deadAfter();
  }

  InetSocketAddress bind() {
    return new InetSocketAddress(bindHost, bindPort);
  }

  Endpoint dialledAt() {
    return advertise.orElseThrow(this::outboundOnly);
  }

  Endpoint servedAt() {
    return endpoint.orElseThrow(this::outboundOnly);
  }

  private Refusal outboundOnly() {
    return Refusal.invalid(
        "RINGRIFT_MEMBERSHIP_MODE",
        settings.membershipMode(),
        "http or hybrid on "
            + self
            + ": the node has no advertised address, and SWIM needs one that others can dial");
  }
}
