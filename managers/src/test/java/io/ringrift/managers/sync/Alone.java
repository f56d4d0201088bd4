package io.ringrift.managers.sync;

import io.grpc.Channel;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.managers.Services;

/// A node that knows nobody; events are lost.
final class Alone implements Services {
  @Override
  public NodeId self() {
    return new NodeId("self");
  }

  @Override
  public Channel local() {
    return onLeader();
  }

  @Override
  public Channel on(NodeId node) {
    return onLeader();
  }

  @Override
  public Channel onLeader() {
    throw new Refusal(Reason.NO_QUORUM, "nobody leads");
  }
}
