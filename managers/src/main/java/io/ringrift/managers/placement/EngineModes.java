package io.ringrift.managers.placement;

import io.ringrift.kernel.Pure;
import java.util.Set;

/// Engine modes that need a CUDA GPU (SPEC 1.2).
@Pure
final class EngineModes {
  private static final Set<String> GPU_REQUIRED =
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

  private EngineModes() {}

  static boolean requiresGpu(String mode) {
    return GPU_REQUIRED.contains(mode) || mode.startsWith("nn-");
  }
}
