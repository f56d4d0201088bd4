package io.ringrift.node.rpc;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.StatusRuntimeException;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.wire.Errors;
import org.jspecify.annotations.Nullable;

/// The channel to a node that cannot be reached now: every call fails at once with UNREACHABLE.
final class NoWay extends Channel {
  private final StatusRuntimeException failure;

  private NoWay(Refusal refusal) {
    this.failure = Errors.toStatus(refusal);
  }

  static NoWay to(NodeId node, String why) {
    return new NoWay(
        new Refusal(Reason.UNREACHABLE, "no way to node " + node + ": " + why)
            .with("node_id", node.value()));
  }

  static NoWay fromHere() {
    return new NoWay(new Refusal(Reason.UNREACHABLE, "this node is stopping and calls nobody"));
  }

  @Override
  public <Q, A> ClientCall<Q, A> newCall(MethodDescriptor<Q, A> method, CallOptions options) {
    return new ClientCall<>() {
      @Override
      public void start(Listener<A> listener, Metadata headers) {
        Metadata trailers = failure.getTrailers();
        listener.onClose(failure.getStatus(), trailers == null ? new Metadata() : trailers);
      }

      @Override
      public void request(int messages) {}

      @Override
      public void cancel(@Nullable String message, @Nullable Throwable cause) {}

      @Override
      public void halfClose() {}

      @Override
      public void sendMessage(Q message) {}
    };
  }

  @Override
  public String authority() {
    return "unreachable";
  }
}
