package io.ringrift.workloads.hex;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class EngineTest {
  private static final Engine RANDOM = new RandomEngine();
  private static final Engine HEURISTIC = new HeuristicEngine();
  private static final Engine MCTS =
      new MctsEngine(100, MctsEngine.DEFAULT_EXPLORATION, MctsEngine.DEFAULT_RAVE);

  @Test
  void heuristicBeatsRandomClearly() {
    assertThat(winsOfForty(new Grid(8), HEURISTIC, RANDOM)).isGreaterThanOrEqualTo(38);
  }

  @Test
  void mctsBeatsRandomClearly() {
    assertThat(winsOfForty(new Grid(6), MCTS, RANDOM)).isGreaterThanOrEqualTo(38);
  }

  @Test
  void mctsWithoutEstimatesBeatsRandom() {
    var plain = new MctsEngine(100, 1.0, 0);

    assertThat(winsOfForty(new Grid(5), plain, RANDOM)).isGreaterThanOrEqualTo(34);
  }

  @Test
  void heuristicSavesABridgeThatIsIntrudedUpon() {
    var grid = new Grid(5);
    var board = new Board(grid);
    // FIRST holds c2 and b4, a bridge over b3 and c3.
    for (int cell :
        new int[] {grid.cellAt(1, 2), grid.cellAt(0, 0), grid.cellAt(3, 1), grid.cellAt(2, 1)}) {
      board.play(cell);
    }

    assertThat(grid.text(HEURISTIC.choose(board, new SplittableRandom(1)))).isEqualTo("c3");
  }

  @Test
  void mctsTakesTheWinningMove() {
    var grid = new Grid(5);
    var board = new Board(grid);
    for (int row = 0; row < 4; row++) {
      board.play(grid.cellAt(row, 1));
      board.play(grid.cellAt(row, 4));
    }
    // Both a5 and b5 end the game; the rest of the board does not.
    assertThat(grid.text(MCTS.choose(board, new SplittableRandom(1)))).isIn("a5", "b5");
  }

  @Test
  void sameSeedPlaysTheSameGame() {
    var grid = new Grid(6);

    assertThat(Game.play(grid, MCTS, MCTS, 42, 1)).isEqualTo(Game.play(grid, MCTS, MCTS, 42, 1));
    assertThat(Game.play(grid, MCTS, MCTS, 42, 1).moves())
        .isNotEqualTo(Game.play(grid, MCTS, MCTS, 43, 1).moves());
  }

  @Test
  void seedsOfGamesDiffer() {
    assertThat(IntStream.range(0, 10_000).mapToLong(i -> Game.seedOf(1, i)))
        .doesNotHaveDuplicates();
  }

  private static int winsOfForty(Grid grid, Engine engine, Engine opponent) {
    int wins = 0;
    for (int number = 0; number < 40; number++) {
      boolean first = number % 2 == 0;
      var game =
          Game.play(
              grid,
              first ? engine : opponent,
              first ? opponent : engine,
              Game.seedOf(5, number),
              0);
      wins += game.winner() == (first ? Side.FIRST : Side.SECOND) ? 1 : 0;
    }
    return wins;
  }
}
