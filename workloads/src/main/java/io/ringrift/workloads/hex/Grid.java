package io.ringrift.workloads.hex;

import java.util.Arrays;
import java.util.Optional;
import java.util.regex.Pattern;

/// The rhombus of one size: which cells touch which. Immutable, shared by all boards of a game.
final class Grid {
  static final int SMALLEST = 5;
  static final int GREATEST = 11;

  private static final Pattern NAME = Pattern.compile("hex(\\d{1,2})");

  /// Row and column steps to the six neighbours, in circular order: two that follow each other are
  /// neighbours of one another too.
  private static final int[][] STEPS = {{-1, 0}, {-1, 1}, {0, 1}, {1, 0}, {1, -1}, {0, -1}};

  private final int size;
  private final int[][] ring;
  private final int[][] neighbours;

  Grid(int size) {
    if (size < SMALLEST || size > GREATEST) {
      throw new IllegalArgumentException("size " + size);
    }
    this.size = size;
    this.ring = new int[size * size][STEPS.length];
    this.neighbours = new int[size * size][];
    for (int cell = 0; cell < size * size; cell++) {
      for (int i = 0; i < STEPS.length; i++) {
        ring[cell][i] = cellAt(cell / size + STEPS[i][0], cell % size + STEPS[i][1]);
      }
      neighbours[cell] = Arrays.stream(ring[cell]).filter(n -> n >= 0).toArray();
    }
  }

  /// The grid called `hex5` to `hex11`.
  static Optional<Grid> named(String name) {
    var match = NAME.matcher(name);
    if (!match.matches()) {
      return Optional.empty();
    }
    int size = Integer.parseInt(match.group(1));
    return size < SMALLEST || size > GREATEST ? Optional.empty() : Optional.of(new Grid(size));
  }

  String name() {
    return "hex" + size;
  }

  int size() {
    return size;
  }

  int cells() {
    return size * size;
  }

  /// Cell of a row and column counted from 0, or -1 beyond the edge.
  int cellAt(int row, int column) {
    return row < 0 || column < 0 || row >= size || column >= size ? -1 : row * size + column;
  }

  /// Cells that touch this one.
  int[] neighbours(int cell) {
    return neighbours[cell];
  }

  /// Cell in one of the six directions, in circular order, or -1 beyond the edge.
  int ring(int cell, int direction) {
    return ring[cell][Math.floorMod(direction, STEPS.length)];
  }

  /// Whether the cell lies on the side's first goal edge (top or left).
  boolean onNearEdge(int cell, Side side) {
    return side == Side.FIRST ? cell < size : cell % size == 0;
  }

  /// Whether the cell lies on the side's second goal edge (bottom or right).
  boolean onFarEdge(int cell, Side side) {
    return side == Side.FIRST ? cell >= size * (size - 1) : cell % size == size - 1;
  }

  /// Cell of a name as `text` writes it, or -1 when there is none.
  int cellOf(String text) {
    if (text.length() < 2 || text.length() > 3) {
      return -1;
    }
    int row = text.charAt(1) - '0';
    if (text.length() == 3) {
      row = row * 10 + text.charAt(2) - '0';
    }
    int cell = cellAt(row - 1, text.charAt(0) - 'a');
    return cell >= 0 && text(cell).equals(text) ? cell : -1;
  }

  /// Name of a cell as players write it: column letter, then row counted from 1.
  String text(int cell) {
    return (char) ('a' + cell % size) + Integer.toString(cell / size + 1);
  }
}
