package io.ringrift.workloads.hex;

import java.util.SplittableRandom;

/// Any empty cell, each as likely.
record RandomEngine() implements Engine {
  @Override
  public int choose(Board board, SplittableRandom random) {
    int[] empty = board.emptyCells();
    return empty[random.nextInt(empty.length)];
  }
}
