package io.ringrift.managers;

import io.ringrift.kernel.Pure;
import java.util.Set;

/// Engine modes: who can play them, and by which program (SPEC 1.2). The two are independent: maxn
/// is a search that any processor plays.
@Pure
public final class EngineModes {
  /// Plays in the place of a mode that a node cannot play.
  public static final String HEURISTIC = "heuristic-only";

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

  /// Those of SPEC 1.2, and the search with a network of the built-in game.
  private static final Set<String> SEARCHES =
      Set.of("maxn", "brs", "mcts", "gumbel-mcts", "policy-only", "nn-descent", "nn-minimax", "nn");

  private EngineModes() {}

  /// Whether a mode needs a CUDA GPU.
  public static boolean requiresGpu(String mode) {
    return GPU_REQUIRED.contains(mode) || mode.startsWith("nn-");
  }

  /// Whether a mode is played by the program for searches.
  public static boolean searches(String mode) {
    return SEARCHES.contains(mode);
  }

  /// What the program for simple modes is told; it knows three of them.
  public static String simple(String mode) {
    return switch (mode) {
      case "nnue-guided" -> mode;
      case "random", "random-only" -> "random-only";
      default -> HEURISTIC;
    };
  }
}
