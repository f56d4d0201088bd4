package io.ringrift.kernel.boot;

import io.grpc.BindableService;
import io.grpc.MethodDescriptor;
import io.grpc.ServerInterceptors;
import io.grpc.ServerServiceDefinition;
import io.ringrift.kernel.Consensus;
import io.ringrift.kernel.FenceGate;
import io.ringrift.kernel.Membership;
import io.ringrift.kernel.consensus.raft.RaftStatus;
import io.ringrift.kernel.gossip.GossipBoard;
import io.ringrift.kernel.membership.swim.SwimStatus;
import io.ringrift.kernel.wire.ErrorMapping;
import io.ringrift.kernel.wire.LeaderAddress;
import io.ringrift.kernel.wire.NonBlocking;
import io.ringrift.kernel.wire.Tunnels;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/// A running kernel.
///
/// @param services gRPC services to serve: membership, gossip, election, replica
/// @param tunnels channels to outbound-only nodes
/// @param leaderAddress completes refusals at the RPC edge, see `guided`
/// @param swim SWIM for people; empty where it is not started
/// @param raft how Raft runs here; empty in mode bully and on a node that is no voter
/// @param closing closes everything in reverse order of opening; the lease is released first
public record Kernel(
    Membership membership,
    Consensus consensus,
    GossipBoard gossip,
    FenceGate fence,
    Tunnels tunnels,
    List<BindableService> services,
    LeaderAddress leaderAddress,
    Supplier<Optional<SwimStatus>> swim,
    Supplier<Optional<RaftStatus>> raft,
    Runnable closing)
    implements AutoCloseable {
  /// The same services with an RPC edge: refusals become statuses, and each NOT_LEADER tells where
  /// the leader listens. For every service of the node, the managers' too.
  public List<BindableService> guided(List<BindableService> all) {
    return all.stream().map(this::guided).toList();
  }

  private BindableService guided(BindableService service) {
    // The last interceptor is the outermost: it sees what the mapping makes of a refusal.
    BindableService edge =
        () -> ServerInterceptors.intercept(service, new ErrorMapping(), leaderAddress);
    return service instanceof NonBlocking handlers ? new Guided(edge, handlers) : edge;
  }

  /// A service with its edge, which still tells which of its handlers do not block.
  private record Guided(BindableService edge, NonBlocking handlers)
      implements BindableService, NonBlocking {
    @Override
    public ServerServiceDefinition bindService() {
      return edge.bindService();
    }

    @Override
    public boolean nonBlocking(MethodDescriptor<?, ?> method) {
      return handlers.nonBlocking(method);
    }
  }

  @Override
  public void close() {
    closing.run();
  }
}
