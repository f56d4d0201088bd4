package io.ringrift.kernel.wire;

import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.ringrift.kernel.Endpoint;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/// Completes every NOT_LEADER that leaves this node with `leader_id` and `leader_address`
/// (`host:port`), as far as they are known: whoever refuses need not know where the leader listens,
/// and clients follow the address. Outside of `ErrorMapping`. Any thread.
public final class LeaderAddress implements ServerInterceptor {
  static final String ID = "leader_id";
  static final String ADDRESS = "leader_address";

  private final Supplier<Optional<NodeId>> leader;
  private final Function<NodeId, Optional<Endpoint>> addresses;

  /// @param leader who leads as far as this node knows
  public LeaderAddress(
      Supplier<Optional<NodeId>> leader, Function<NodeId, Optional<Endpoint>> addresses) {
    this.leader = leader;
    this.addresses = addresses;
  }

  @Override
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    return next.startCall(
        new SimpleForwardingServerCall<>(call) {
          @Override
          public void close(Status status, Metadata trailers) {
            if (status.getCode() == Status.Code.FAILED_PRECONDITION) {
              complete(status, trailers);
            }
            super.close(status, trailers);
          }
        },
        headers);
  }

  private void complete(Status status, Metadata trailers) {
    Refusal refusal = Errors.fromStatus(new StatusRuntimeException(status, trailers));
    if (refusal.reason() != Reason.NOT_LEADER || refusal.details().containsKey(ADDRESS)) {
      return;
    }
    Optional<NodeId> known =
        Optional.ofNullable(refusal.details().get(ID)).map(NodeId::new).or(leader);
    if (known.isEmpty()) {
      return;
    }
    refusal.with(ID, known.get().value());
    addresses.apply(known.get()).ifPresent(at -> refusal.with(ADDRESS, at.toString()));
    Metadata completed = Errors.toStatus(refusal).getTrailers();
    if (completed != null) {
      completed.keys().forEach(key -> replace(trailers, completed, key));
    }
  }

  private static void replace(Metadata trailers, Metadata completed, String name) {
    if (name.endsWith(Metadata.BINARY_HEADER_SUFFIX)) {
      replace(trailers, completed, Metadata.Key.of(name, Metadata.BINARY_BYTE_MARSHALLER));
    }
  }

  private static void replace(Metadata trailers, Metadata completed, Metadata.Key<byte[]> key) {
    trailers.discardAll(key);
    var values = completed.getAll(key);
    if (values != null) {
      values.forEach(value -> trailers.put(key, value));
    }
  }
}
