package io.ringrift.kernel.consensus.bully;

import io.ringrift.kernel.NodeId;

/// Carries messages to other voters. Never blocks, never throws, may lose; keeps the order of those
/// that it delivers. One thread calls it.
@FunctionalInterface
public interface Outbox {
  void send(NodeId to, Message message);
}
