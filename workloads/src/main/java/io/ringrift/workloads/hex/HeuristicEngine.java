package io.ringrift.workloads.hex;

import java.util.SplittableRandom;

/// Keeps its bridges whole, else plays where the shortest ways of both sides cross. Cheap: four
/// searches of the board for a move.
record HeuristicEngine() implements Engine {
  private static final int BRIDGE_BONUS = 1;
  private static final int WEIGHT = 4;

  @Override
  public int choose(Board board, SplittableRandom random) {
    int rescue = rescue(board);
    return rescue >= 0 ? rescue : crossing(board, random);
  }

  /// A bridge is two stones with two common empty neighbours: when the opponent takes one, the
  /// other connects. Returns that cell or -1.
  private static int rescue(Board board) {
    int last = board.last();
    if (last < 0) {
      return -1;
    }
    Grid grid = board.grid();
    Side side = board.toMove();
    for (int direction = 0; direction < 6; direction++) {
      int middle = grid.ring(last, direction);
      if (middle >= 0
          && board.empty(middle)
          && owns(board, grid.ring(last, direction - 1), side)
          && owns(board, grid.ring(last, direction + 1), side)) {
        return middle;
      }
    }
    return -1;
  }

  private static int crossing(Board board, SplittableRandom random) {
    var own = new Ways(board, board.toMove());
    var others = new Ways(board, board.toMove().other());
    int best = -1;
    int bestCost = Integer.MAX_VALUE;
    int ties = 0;
    for (int cell : board.emptyCells()) {
      int cost = WEIGHT * (own.through(cell) + others.through(cell)) - bridges(board, cell);
      if (cost < bestCost) {
        best = cell;
        bestCost = cost;
        ties = 1;
      } else if (cost == bestCost && random.nextInt(++ties) == 0) {
        best = cell;
      }
    }
    return best;
  }

  /// Own stones to which the cell would make a bridge.
  private static int bridges(Board board, int cell) {
    Grid grid = board.grid();
    int count = 0;
    for (int direction = 0; direction < 6; direction++) {
      int left = grid.ring(cell, direction);
      int right = grid.ring(cell, direction + 1);
      if (left >= 0
          && right >= 0
          && board.empty(left)
          && board.empty(right)
          && owns(board, grid.ring(left, direction + 1), board.toMove())) {
        count += BRIDGE_BONUS;
      }
    }
    return count;
  }

  private static boolean owns(Board board, int cell, Side side) {
    return cell >= 0 && board.owner(cell) == side;
  }
}
