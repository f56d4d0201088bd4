package io.ringrift.node.rpc;

import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.ringrift.kernel.Consensus;
import io.ringrift.kernel.Member;
import io.ringrift.kernel.Membership;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.wire.PeerChannels;
import io.ringrift.kernel.wire.Tunnels;
import io.ringrift.managers.Services;
import java.time.Duration;
import java.util.Optional;

/// Where stubs lead: in-process for this node, over the network to where membership says the node
/// listens, back over its own stream to an outbound-only one.
public final class NodeServices implements Services {
  private static final Duration DEFAULT_DEADLINE = Duration.ofSeconds(10);

  private final NodeId self;
  private final Channel local;
  private final Membership membership;
  private final Consensus consensus;
  private final PeerChannels channels;
  private final Tunnels tunnels;
  private final DefaultDeadline deadline = new DefaultDeadline(DEFAULT_DEADLINE);

  public NodeServices(
      NodeId self,
      LocalServer local,
      Membership membership,
      Consensus consensus,
      PeerChannels channels,
      Tunnels tunnels) {
    this.self = self;
    this.local = ClientInterceptors.intercept(local.channel(), deadline);
    this.membership = membership;
    this.consensus = consensus;
    this.channels = channels;
    this.tunnels = tunnels;
  }

  @Override
  public NodeId self() {
    return self;
  }

  @Override
  public Channel local() {
    return local;
  }

  @Override
  public Channel on(NodeId node) {
    return node.equals(self) ? local : ClientInterceptors.intercept(remote(node), deadline);
  }

  @Override
  public Channel onLeader() {
    return consensus
        .leadership()
        .leader()
        .map(this::on)
        .orElseThrow(
            () ->
                new Refusal(
                    Reason.NO_QUORUM,
                    "nobody is known to lead; an election needs "
                        + consensus.quorum()
                        + " of the voters "
                        + consensus.voters()));
  }

  private Channel remote(NodeId node) {
    Optional<Channel> tunnel = tunnels.to(node);
    if (tunnel.isPresent()) {
      return tunnel.get();
    }
    var member = membership.member(node);
    if (member.isEmpty()) {
      return NoWay.to(node, "it is not a member of the cluster");
    }
    return member
        .flatMap(Member::endpoint)
        .map(channels::to)
        .orElseGet(() -> NoWay.to(node, "it only dials out and its stream is not open"));
  }
}
