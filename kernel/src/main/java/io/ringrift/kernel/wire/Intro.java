package io.ringrift.kernel.wire;

import io.ringrift.kernel.BootId;
import io.ringrift.kernel.Endpoint;
import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.Incarnation;
import io.ringrift.kernel.NodeId;
import java.util.Optional;

/// What a node says of itself in a hello or a poll.
///
/// @param endpoint where it listens; empty for an outbound-only node
/// @param leader leader as it knows it: a hint, which never changes the receiver's role
/// @param epoch greatest epoch it knows of
public record Intro(
    NodeId id,
    BootId boot,
    Incarnation incarnation,
    Optional<Endpoint> endpoint,
    Optional<NodeId> leader,
    Epoch epoch) {
  public boolean outboundOnly() {
    return endpoint.isEmpty();
  }
}
