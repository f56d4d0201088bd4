package io.ringrift.kernel.wire;

import io.ringrift.kernel.NodeId;
import java.util.List;

/// The two halves of a push-pull round.
public sealed interface Exchange {
  /// @param digest versions of all that the sender holds
  /// @param facts what the sender believes to be news
  record Ask(NodeId from, String clusterId, List<FactVersion> digest, List<Fact> facts)
      implements Exchange {}

  /// @param facts newer than the asker's digest
  /// @param wants versions that the answerer lacks; the asker may push them next
  record Answer(NodeId from, List<Fact> facts, List<FactVersion> wants) implements Exchange {}
}
