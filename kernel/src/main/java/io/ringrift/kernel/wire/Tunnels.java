package io.ringrift.kernel.wire;

import io.grpc.Channel;
import io.ringrift.kernel.NodeId;
import java.util.Optional;

/// Channels to outbound-only nodes over the streams that they opened. Never blocks; safe for any
/// thread.
@FunctionalInterface
public interface Tunnels {
  /// The channel, while the node's stream is open.
  Optional<Channel> to(NodeId node);
}
