package io.ringrift.kernel.wire;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.MethodDescriptor;
import io.ringrift.kernel.NodeId;
import java.util.concurrent.ScheduledExecutorService;

/// A gRPC channel over the stream of an outbound-only node: unary and server-streaming calls.
/// Request headers do not travel; a deadline does.
final class TunnelChannel extends Channel {
  private final NodeId node;
  private final AttachedStream stream;
  private final ScheduledExecutorService timer;

  TunnelChannel(NodeId node, AttachedStream stream, ScheduledExecutorService timer) {
    this.node = node;
    this.stream = stream;
    this.timer = timer;
  }

  @Override
  public <Q, A> ClientCall<Q, A> newCall(MethodDescriptor<Q, A> method, CallOptions options) {
    return new TunnelledCall<>(method, options, stream, timer);
  }

  @Override
  public String authority() {
    return node.value();
  }
}
