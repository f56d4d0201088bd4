package io.ringrift.workloads.hex;

import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A position of Hex. FIRST moves first, no swap rule; stones never move, so a connection is found
/// by joining groups as they grow. A full board has exactly one winner, hence no draws.
final class Board {
  private final Grid grid;
  private final @Nullable Side[] owners;
  private final int[] parents;
  private int moves;
  private int last = -1;

  Board(Grid grid) {
    this.grid = grid;
    this.owners = new @Nullable Side[grid.cells()];
    this.parents = new int[grid.cells() + 4];
    Arrays.setAll(parents, i -> i);
  }

  /// Takes over another position of the same grid.
  void copyFrom(Board other) {
    System.arraycopy(other.owners, 0, owners, 0, owners.length);
    System.arraycopy(other.parents, 0, parents, 0, parents.length);
    moves = other.moves;
    last = other.last;
  }

  /// An independent copy.
  Board copy() {
    var copy = new Board(grid);
    copy.copyFrom(this);
    return copy;
  }

  Grid grid() {
    return grid;
  }

  Side toMove() {
    return moves % 2 == 0 ? Side.FIRST : Side.SECOND;
  }

  int moves() {
    return moves;
  }

  /// Cell of the last move, -1 before the first.
  int last() {
    return last;
  }

  @Nullable Side owner(int cell) {
    return owners[cell];
  }

  boolean empty(int cell) {
    return owners[cell] == null;
  }

  /// Empty cells in ascending order.
  int[] emptyCells() {
    int[] cells = new int[grid.cells() - moves];
    int count = 0;
    for (int cell = 0; cell < owners.length; cell++) {
      if (owners[cell] == null) {
        cells[count++] = cell;
      }
    }
    return cells;
  }

  /// Puts a stone of the side to move.
  void play(int cell) {
    if (!empty(cell)) {
      throw new IllegalArgumentException(grid.text(cell) + " is taken");
    }
    Side side = toMove();
    owners[cell] = side;
    last = cell;
    moves++;
    for (int neighbour : grid.neighbours(cell)) {
      if (owners[neighbour] == side) {
        join(cell, neighbour);
      }
    }
    if (grid.onNearEdge(cell, side)) {
      join(cell, nearEdge(side));
    }
    if (grid.onFarEdge(cell, side)) {
      join(cell, nearEdge(side) + 1);
    }
  }

  /// Whether the side's edges are connected.
  boolean connected(Side side) {
    return find(nearEdge(side)) == find(nearEdge(side) + 1);
  }

  /// Who has connected, if anybody.
  Optional<Side> winner() {
    if (connected(Side.FIRST)) {
      return Optional.of(Side.FIRST);
    }
    return connected(Side.SECOND) ? Optional.of(Side.SECOND) : Optional.empty();
  }

  private int nearEdge(Side side) {
    return grid.cells() + (side == Side.FIRST ? 0 : 2);
  }

  private void join(int a, int b) {
    int from = find(a);
    int to = find(b);
    // The greater index becomes the root: edges stay roots, so that paths to them stay short.
    parents[Math.min(from, to)] = Math.max(from, to);
  }

  private int find(int node) {
    int at = node;
    while (parents[at] != at) {
      parents[at] = parents[parents[at]];
      at = parents[at];
    }
    return at;
  }
}
