package io.ringrift.kernel.consensus.bully;

import io.ringrift.kernel.NodeId;

/// Takes messages from other voters. Never blocks; drops the message when the mailbox is full or
/// the sender is no other voter, which the protocol survives. Safe for any thread.
@FunctionalInterface
public interface Mailbox {
  /// @return false when the message was dropped
  boolean receive(NodeId from, Message message);
}
