package io.ringrift.kernel.wire;

import io.grpc.Channel;
import io.ringrift.kernel.Endpoint;

/// Channels to other nodes. Never blocks; the same endpoint gives the same channel while it is
/// kept; idle and superseded channels are closed by the implementation. Safe for any thread.
@FunctionalInterface
public interface PeerChannels {
  Channel to(Endpoint endpoint);
}
