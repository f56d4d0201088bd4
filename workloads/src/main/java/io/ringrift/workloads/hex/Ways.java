package io.ringrift.workloads.hex;

import java.util.ArrayDeque;
import java.util.Arrays;

/// How many stones a side still needs to connect its edges through each cell: own stones cost
/// nothing, empty cells one, the opponent's are walls.
final class Ways {
  /// Stands for no way at all; sums of two stay small.
  static final int NONE = 1000;

  private final Board board;
  private final Side side;
  private final int[] fromNear;
  private final int[] fromFar;

  Ways(Board board, Side side) {
    this.board = board;
    this.side = side;
    this.fromNear = distances(true);
    this.fromFar = distances(false);
  }

  /// Stones needed for a way through this empty cell, the cell included.
  int through(int cell) {
    return Math.min(NONE, fromNear[cell] + fromFar[cell] - 1);
  }

  /// Breadth-first search with costs 0 and 1: free steps go to the head of the queue.
  private int[] distances(boolean near) {
    Grid grid = board.grid();
    int[] costs = new int[grid.cells()];
    Arrays.fill(costs, NONE);
    var queue = new ArrayDeque<Integer>();
    for (int cell = 0; cell < costs.length; cell++) {
      if (near ? grid.onNearEdge(cell, side) : grid.onFarEdge(cell, side)) {
        visit(cell, 0, costs, queue);
      }
    }
    for (Integer cell = queue.poll(); cell != null; cell = queue.poll()) {
      for (int neighbour : grid.neighbours(cell)) {
        visit(neighbour, costs[cell], costs, queue);
      }
    }
    return costs;
  }

  private void visit(int cell, int before, int[] costs, ArrayDeque<Integer> queue) {
    Side owner = board.owner(cell);
    if (owner == side.other()) {
      return;
    }
    int cost = before + (owner == side ? 0 : 1);
    if (cost < costs[cell]) {
      costs[cell] = cost;
      if (owner == side) {
        queue.addFirst(cell);
      } else {
        queue.addLast(cell);
      }
    }
  }
}
