package io.ringrift.workloads.hex;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Collectors;

/// One finished game.
///
/// @param seed what all its chance came from
/// @param moves cell names in order
/// @param visits what the search thought at each move (`Choice.visitsText`), empty for moves that
///   were not searched
record Game(long seed, Side winner, List<String> moves, List<String> visits) {
  Game {
    moves = List.copyOf(moves);
    visits = List.copyOf(visits);
  }

  /// Plays one game to its end.
  ///
  /// @param openingMoves moves at the beginning that are chosen at random, for variety
  static Game play(Grid grid, Engine first, Engine second, long seed, int openingMoves) {
    var random = new SplittableRandom(seed);
    var board = new Board(grid);
    var moves = new ArrayList<String>();
    var visits = new ArrayList<String>();
    var opening = new RandomEngine();
    while (board.winner().isEmpty()) {
      Engine engine = board.toMove() == Side.FIRST ? first : second;
      var choice = (board.moves() < openingMoves ? opening : engine).decide(board, random);
      board.play(choice.cell());
      moves.add(grid.text(choice.cell()));
      visits.add(choice.visitsText(grid));
    }
    return new Game(seed, board.winner().orElseThrow(), moves, visits);
  }

  /// Seed of the game with this number in a run: the SplitMix64 finisher (Steele, Lea and Flood
  /// 2014) over the run's seed and the number, so that a run can be cut anywhere and continued.
  static long seedOf(long runSeed, int number) {
    long z = runSeed + number * 0x9E3779B97F4A7C15L;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }

  String movesText() {
    return moves.stream().collect(Collectors.joining(" "));
  }

  /// Visits of all moves, parted by semicolons; empty when no move was searched with counts.
  String visitsText() {
    return visits.stream().allMatch(String::isEmpty) ? "" : String.join(";", visits);
  }
}
