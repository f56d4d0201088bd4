package io.ringrift.managers.selfplay;

import io.ringrift.kernel.Pure;
import io.ringrift.managers.selfplay.PriorityTable.Entry;
import java.util.Optional;
import java.util.Set;

/// What a node can play at all (SPEC 5.5, filters).
@Pure
final class EngineNeeds {
  private static final long LARGE_BOARD_BYTES = 48L << 30;
  private static final Set<String> GPU_MODES =
      Set.of(
          "gumbel-mcts",
          "mcts",
          "mcts-only",
          "nnue-guided",
          "policy-only",
          "nn-minimax",
          "nn-descent",
          "gnn",
          "hybrid",
          "gmo",
          "ebmo",
          "ig-gmo",
          "cage",
          "best-vs-pool");

  private EngineNeeds() {}

  /// Why a node cannot play an entry, as a code; empty when it can.
  static Optional<String> obstacle(Entry entry, Targets.Node node) {
    if (node.memoryBytes() < LARGE_BOARD_BYTES && !entry.config().board().equals("square8")) {
      return Optional.of("LOW_MEMORY");
    }
    return node.gpuNode() || !needsGpu(entry.mode()) ? Optional.empty() : Optional.of("NEEDS_GPU");
  }

  static boolean needsGpu(String mode) {
    return GPU_MODES.contains(mode) || mode.startsWith("nn-");
  }
}
