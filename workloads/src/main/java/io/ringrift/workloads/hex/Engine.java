package io.ringrift.workloads.hex;

import java.util.SplittableRandom;

/// Chooses moves. Same position, same engine, same generator state: same move.
sealed interface Engine permits RandomEngine, HeuristicEngine, MctsEngine, NetworkEngine {
  /// An empty cell of a position that nobody has won yet.
  int choose(Board board, SplittableRandom random);

  /// The same, with what training can learn from.
  default Choice decide(Board board, SplittableRandom random) {
    return Choice.of(choose(board, random));
  }
}
