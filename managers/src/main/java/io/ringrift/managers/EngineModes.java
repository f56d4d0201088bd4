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

  /// Every mode (SPEC 1.2).
  private static final Set<String> MODES =
      Set.of(
          // search
          "maxn",
          "brs",
          "mcts",
          "gumbel-mcts",
          "policy-only",
          "nn-descent",
          "nn-minimax",
          // simple
          "random",
          "heuristic",
          "nnue-guided",
          "mixed",
          "gpu",
          "descent-only",
          "heuristic-only",
          "random-only",
          // GPU-required beside the search modes
          "gnn",
          "hybrid",
          "gmo",
          "ebmo",
          "ig-gmo",
          "cage",
          "mcts-only",
          // variety
          "diverse",
          "tournament-varied",
          "heuristic-vs-mcts",
          "nn-only",
          "nn-vs-mcts",
          "nn-vs-minimax",
          "nn-vs-descent",
          "best-vs-pool",
          "heuristic-vs-nn",
          "random-vs-mcts",
          "minimax-only",
          // a network of the built-in game of Hex
          "nn");

  private EngineModes() {}

  public static boolean known(String mode) {
    return MODES.contains(mode);
  }

  /// Whether a participant of a ladder is a network; the others are engines that play as they ever
  /// did, and how strong they are tells nothing of what was learnt.
  public static boolean learns(String participant) {
    return !known(participant);
  }

  /// What a mode has to be, for people.
  public static String rule() {
    return "one of " + MODES.stream().sorted().toList();
  }

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
