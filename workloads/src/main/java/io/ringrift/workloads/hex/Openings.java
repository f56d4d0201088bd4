package io.ringrift.workloads.hex;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeSet;

/// Openings of random moves, no two of them the same position, half turns counted as the same.
final class Openings {
  /// Shorter than any way from edge to edge, so that no opening ends a game.
  private static final int LONGEST = Grid.SMALLEST - 1;

  /// They are all kept to tell them apart.
  private static final int MOST = 100_000;

  private Openings() {}

  /// The first openings of a seed, each a list of cells. They are as short as leaves twice as many
  /// to choose from as the whole sequence has: two moves, or more. Sequences of equal length are
  /// beginnings of one another.
  ///
  /// @param count how many
  /// @param total length of the whole sequence: `count` or more, at most `most(grid)`
  static List<List<Integer>> of(Grid grid, long seed, int count, int total) {
    int length = 2;
    while (length < LONGEST && positions(grid, length) < 2L * total) {
      length++;
    }
    var random = new SplittableRandom(seed);
    var seen = new HashSet<String>();
    var openings = new ArrayList<List<Integer>>();
    while (openings.size() < count) {
      var board = new Board(grid);
      var cells = new ArrayList<Integer>();
      for (int i = 0; i < length; i++) {
        int cell = new RandomEngine().choose(board, random);
        board.play(cell);
        cells.add(cell);
      }
      if (seen.add(key(grid, cells))) {
        openings.add(List.copyOf(cells));
      }
    }
    return openings;
  }

  /// Most openings that may be asked for; there are at least twice as many.
  static int most(Grid grid) {
    return (int) Math.min(MOST, positions(grid, LONGEST) / 2);
  }

  /// No more than there are: orders of the moves of a side and half turns make one position.
  private static long positions(Grid grid, int length) {
    long orders = 1;
    for (int i = 0; i < length; i++) {
      orders *= grid.cells() - i;
    }
    return orders / (2L * (length == 2 ? 1 : length == 3 ? 2 : 4));
  }

  private static String key(Grid grid, List<Integer> cells) {
    String one = stones(cells);
    String turned = stones(cells.stream().map(cell -> grid.cells() - 1 - cell).toList());
    return one.compareTo(turned) < 0 ? one : turned;
  }

  private static String stones(List<Integer> cells) {
    var first = new TreeSet<Integer>();
    var second = new TreeSet<Integer>();
    for (int i = 0; i < cells.size(); i++) {
      (i % 2 == 0 ? first : second).add(cells.get(i));
    }
    return first + "/" + second;
  }
}
