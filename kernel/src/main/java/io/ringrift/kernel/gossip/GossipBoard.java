package io.ringrift.kernel.gossip;

import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.time.Moment;
import java.util.Map;

/// Where nodes post facts about themselves and read those of others. Never blocks; safe for any
/// thread. Bounded in nodes and bytes per fact.
public interface GossipBoard {
  /// Posts this node's facts; a newer posting replaces the older one everywhere in time.
  ///
  /// @throws io.ringrift.kernel.Refusal INVALID_ARGUMENT above 16 KiB
  void publish(byte[] payload);

  /// Newest facts by node, this node included; nobody may change the bytes.
  Map<NodeId, Posting> postings();

  /// @param heard when this version arrived here
  record Posting(byte[] payload, Moment heard) {}
}
