package io.ringrift.managers.selfplay;

import io.ringrift.kernel.Pure;
import io.ringrift.managers.EngineModes;
import io.ringrift.managers.selfplay.PriorityTable.Entry;
import java.util.Optional;

/// What a node can play at all (SPEC 5.5, filters).
@Pure
final class EngineNeeds {
  static final String LOW_MEMORY = "LOW_MEMORY";
  static final String NEEDS_GPU = "NEEDS_GPU";

  private EngineNeeds() {}

  /// Why a node cannot play an entry, as a code; empty when it can.
  static Optional<String> obstacle(Entry entry, Targets.Node node, SelfplayConfig.Nodes limits) {
    if (node.memoryBytes() < limits.memoryBytes(entry.config().board())) {
      return Optional.of(LOW_MEMORY);
    }
    return node.gpuNode() || !EngineModes.requiresGpu(entry.mode())
        ? Optional.empty()
        : Optional.of(NEEDS_GPU);
  }
}
