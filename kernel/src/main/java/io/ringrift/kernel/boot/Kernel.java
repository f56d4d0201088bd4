package io.ringrift.kernel.boot;

import io.grpc.BindableService;
import io.ringrift.kernel.Consensus;
import io.ringrift.kernel.FenceGate;
import io.ringrift.kernel.Membership;
import io.ringrift.kernel.gossip.GossipBoard;
import io.ringrift.kernel.wire.Tunnels;
import java.util.List;

/// A running kernel.
///
/// @param services gRPC services to serve: membership, gossip, election, replica
/// @param tunnels channels to outbound-only nodes
/// @param closing closes everything in reverse order of opening; the lease is released first
public record Kernel(
    Membership membership,
    Consensus consensus,
    GossipBoard gossip,
    FenceGate fence,
    Tunnels tunnels,
    List<BindableService> services,
    Runnable closing)
    implements AutoCloseable {
  @Override
  public void close() {
    closing.run();
  }
}
