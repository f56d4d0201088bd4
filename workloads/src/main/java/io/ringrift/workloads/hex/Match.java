package io.ringrift.workloads.hex;

import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/// Games between two engines. An engine that fails or takes too long has neither won nor lost.
///
/// @param limit longest time of a game; zero for no limit
record Match(Grid grid, Engine a, Engine b, Duration limit, InstantSource clock) {
  /// How a game ended.
  enum Outcome {
    A,
    B,
    ERROR,
    TIMEOUT
  }

  /// One game.
  ///
  /// @param first `a` or `b`: who moved first
  /// @param moves cell names with those of the opening
  /// @param detail what went wrong, empty when nothing did
  record Played(
      int number,
      int opening,
      String openingMoves,
      String first,
      Outcome outcome,
      List<String> moves,
      String detail) {
    /// A line of the result file.
    String json(String run) {
      String winner =
          switch (outcome) {
            case A -> "a";
            case B -> "b";
            case ERROR, TIMEOUT -> "";
          };
      return new Json()
          .put("game_id", "%s-%06d".formatted(run, number))
          .put("opening", opening)
          .put("opening_moves", openingMoves)
          .put("first", first)
          .put("second", first.equals("a") ? "b" : "a")
          .put(
              "outcome",
              winner.isEmpty() ? outcome.name().toLowerCase(java.util.Locale.ROOT) : "win")
          .put("winner", winner)
          .put("num_moves", moves.size())
          .put("moves", String.join(" ", moves))
          .put("detail", detail)
          .toString();
    }
  }

  /// Plays one game after an opening.
  ///
  /// @param number of the game, from 1; A moves first in the odd ones
  Played play(int number, int opening, List<Integer> cells, long seed) {
    boolean swapped = number % 2 == 0;
    var random = new SplittableRandom(seed);
    var board = new Board(grid);
    var moves = new ArrayList<String>();
    for (int cell : cells) {
      board.play(cell);
      moves.add(grid.text(cell));
    }
    String begun = String.join(" ", moves);
    var start = clock.instant();
    var outcome = Outcome.ERROR;
    String detail = "";
    try {
      while (board.winner().isEmpty() && outcome != Outcome.TIMEOUT) {
        boolean turnOfA = board.toMove() == Side.FIRST ^ swapped;
        int cell = (turnOfA ? a : b).choose(board, random);
        board.play(cell);
        moves.add(grid.text(cell));
        if (!limit.isZero() && Duration.between(start, clock.instant()).compareTo(limit) > 0) {
          outcome = Outcome.TIMEOUT;
          detail = "longer than " + limit.toSeconds() + " s";
        }
      }
      if (outcome != Outcome.TIMEOUT) {
        boolean wonByA = board.winner().orElseThrow() == Side.FIRST ^ swapped;
        outcome = wonByA ? Outcome.A : Outcome.B;
      }
    } catch (IllegalStateException | IllegalArgumentException e) {
      String who = board.toMove() == Side.FIRST ^ swapped ? "a" : "b";
      detail = who + " failed: " + e.getMessage();
    }
    return new Played(number, opening, begun, swapped ? "b" : "a", outcome, moves, detail);
  }
}
