package io.ringrift.kernel.consensus.raft;

import io.ringrift.kernel.Endpoint;
import io.ringrift.kernel.NodeId;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.URI;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.apache.ratis.thirdparty.io.grpc.Attributes;
import org.apache.ratis.thirdparty.io.grpc.EquivalentAddressGroup;
import org.apache.ratis.thirdparty.io.grpc.NameResolver;
import org.apache.ratis.thirdparty.io.grpc.NameResolverProvider;
import org.apache.ratis.thirdparty.io.grpc.Status;
import org.apache.ratis.thirdparty.io.grpc.StatusOr;
import org.jspecify.annotations.Nullable;

/// Peers stand in the Raft configuration by name, so that an address is no part of the log and may
/// change, even all of them at once. A channel asks again whenever its connection fails. Any
/// thread; looking a host up blocks a thread of gRPC's own.
final class PeerNames extends NameResolverProvider {
  private final String scheme;
  private final Function<NodeId, Optional<Endpoint>> addresses;

  /// @param group distinguishes clusters that share a process
  PeerNames(String group, Function<NodeId, Optional<Endpoint>> addresses) {
    this.scheme = "ringrift-" + group;
    this.addresses = addresses;
  }

  /// The name of a peer as Ratis stores and dials it.
  String name(NodeId peer) {
    return scheme + ":///" + peer;
  }

  @Override
  public @Nullable NameResolver newNameResolver(URI target, NameResolver.Args args) {
    return scheme.equals(target.getScheme())
        ? new Resolver(new NodeId(target.getPath().substring(1)), args)
        : null;
  }

  @Override
  public String getDefaultScheme() {
    return scheme;
  }

  @Override
  public Collection<Class<? extends SocketAddress>> getProducedSocketAddressTypes() {
    return List.of(InetSocketAddress.class);
  }

  @Override
  protected boolean isAvailable() {
    return true;
  }

  /// Below that of DNS, which stays the default.
  @Override
  protected int priority() {
    return 0;
  }

  private final class Resolver extends NameResolver {
    private final NodeId peer;
    private final Args args;
    private @Nullable Listener2 listener;

    Resolver(NodeId peer, Args args) {
      this.peer = peer;
      this.args = args;
    }

    @Override
    public String getServiceAuthority() {
      return peer.value();
    }

    @Override
    public void start(Listener2 started) {
      listener = started;
      refresh();
    }

    @Override
    public void refresh() {
      Listener2 told = listener;
      var offload = args.getOffloadExecutor();
      if (told != null && offload != null) {
        offload.execute(() -> args.getSynchronizationContext().execute(answer(told)));
      }
    }

    private Runnable answer(Listener2 told) {
      var result = ResolutionResult.newBuilder().setAddressesOrError(resolved()).build();
      return () -> {
        var _ = told.onResult2(result);
      };
    }

    private StatusOr<List<EquivalentAddressGroup>> resolved() {
      Optional<Endpoint> endpoint = addresses.apply(peer);
      if (endpoint.isEmpty()) {
        return StatusOr.fromStatus(
            Status.UNAVAILABLE.withDescription("no address of voter " + peer + " is known"));
      }
      var address = new InetSocketAddress(endpoint.get().host(), endpoint.get().port());
      if (address.isUnresolved()) {
        return StatusOr.fromStatus(
            Status.UNAVAILABLE.withDescription(
                "host " + endpoint.get().host() + " of voter " + peer + " cannot be looked up"));
      }
      // What the peer's certificate has to be made out for.
      var attributes =
          Attributes.newBuilder()
              .set(EquivalentAddressGroup.ATTR_AUTHORITY_OVERRIDE, endpoint.get().toString())
              .build();
      return StatusOr.fromValue(List.of(new EquivalentAddressGroup(address, attributes)));
    }

    @Override
    public void shutdown() {
      listener = null;
    }
  }
}
