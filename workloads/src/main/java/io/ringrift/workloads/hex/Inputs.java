package io.ringrift.workloads.hex;

/// A position as the network sees it: always from the side of the mover, who always connects top
/// with bottom. The second player's board is mirrored along the long diagonal, which exchanges the
/// edges and keeps all neighbours; half a turn keeps everything, and gives training twice the
/// positions.
final class Inputs {
  private final int size;
  private final int cells;
  private final int[] active;
  private final boolean[] taken;
  private int count;

  Inputs(Grid grid) {
    this.size = grid.size();
    this.cells = grid.cells();
    this.active = new int[cells];
    this.taken = new boolean[cells];
  }

  /// Takes over a position.
  void of(Board board) {
    clear();
    Side mover = board.toMove();
    for (int cell = 0; cell < cells; cell++) {
      Side owner = board.owner(cell);
      if (owner != null) {
        add(seen(cell, mover == Side.SECOND, false), owner == mover);
      }
    }
  }

  /// Takes over the position after the first moves of a game.
  void of(byte[] moves, int ply, boolean turned) {
    clear();
    for (int i = 0; i < ply; i++) {
      add(seen(moves[i], ply % 2 == 1, turned), (i - ply) % 2 == 0);
    }
  }

  private void clear() {
    count = 0;
    java.util.Arrays.fill(taken, false);
  }

  private void add(int place, boolean own) {
    active[count++] = own ? place : cells + place;
    taken[place] = true;
  }

  /// Where the network sees a cell.
  int seen(int cell, boolean mirrored, boolean turned) {
    int place = mirrored ? cell % size * size + cell / size : cell;
    return turned ? cells - 1 - place : place;
  }

  /// Inputs that are 1, in an array that is longer than `count`; the others are 0.
  int[] active() {
    return active;
  }

  int count() {
    return count;
  }

  /// Whether a stone lies at a place.
  boolean taken(int place) {
    return taken[place];
  }
}
