package io.ringrift.workloads.hex;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class BoardTest {
  @Test
  void firstWinsWithAColumnFromTopToBottom() {
    var board = played("a1 b1 a2 b2 a3 b3 a4 b4 a5");

    assertThat(board.winner()).contains(Side.FIRST);
    assertThat(board.connected(Side.SECOND)).isFalse();
  }

  @Test
  void nobodyHasWonBeforeTheLastStoneOfTheColumn() {
    assertThat(played("a1 b1 a2 b2 a3 b3 a4 b4").winner()).isEmpty();
  }

  @Test
  void secondWinsWithARowFromLeftToRight() {
    assertThat(played("a1 a2 b1 b2 c1 c2 d1 d2 a5 e2").winner()).contains(Side.SECOND);
  }

  @Test
  void aWayMayGoAgainstTheSlant() {
    // From a row to the row below, a cell touches the same column and the one to the left.
    assertThat(played("e1 a1 d2 a2 c3 a3 b4 a4 a5").winner()).contains(Side.FIRST);
  }

  @Test
  void cellsAlongTheOtherDiagonalDoNotTouch() {
    assertThat(played("a1 e1 b2 e2 c3 e3 d4 a5 e5").winner()).isEmpty();
  }

  @Test
  void aTakenCellIsRefused() {
    var board = played("c3");

    assertThatThrownBy(() -> board.play(cell(board.grid(), "c3"))).hasMessageContaining("c3");
  }

  @ParameterizedTest
  @ValueSource(ints = {5, 6, 8, 11})
  void everyFullBoardHasExactlyOneWinner(int size) {
    var random = new SplittableRandom(7);
    for (int round = 0; round < 300; round++) {
      var board = new Board(new Grid(size));
      while (board.moves() < board.grid().cells()) {
        board.play(new RandomEngine().choose(board, random));
      }
      assertThat(board.connected(Side.FIRST)).isNotEqualTo(board.connected(Side.SECOND));
      assertThat(board.connected(Side.FIRST)).isEqualTo(floods(board, Side.FIRST));
    }
  }

  @Test
  void namesAreReadFromFiveToEleven() {
    assertThat(Grid.named("hex5").map(Grid::cells)).contains(25);
    assertThat(Grid.named("hex11").map(Grid::name)).contains("hex11");
    for (String wrong : new String[] {"hex4", "hex12", "hex", "hexagonal", "square8", "HEX8", ""}) {
      assertThat(Grid.named(wrong)).as(wrong).isEmpty();
    }
  }

  /// The naive twin: walks from the near edge instead of joining groups.
  private static boolean floods(Board board, Side side) {
    Grid grid = board.grid();
    var seen = new boolean[grid.cells()];
    var open = new ArrayDeque<Integer>();
    for (int cell = 0; cell < grid.cells(); cell++) {
      if (grid.onNearEdge(cell, side) && board.owner(cell) == side) {
        open.add(cell);
      }
    }
    while (!open.isEmpty()) {
      int cell = open.remove();
      if (grid.onFarEdge(cell, side)) {
        return true;
      }
      if (!seen[cell]) {
        seen[cell] = true;
        Arrays.stream(grid.neighbours(cell)).filter(n -> board.owner(n) == side).forEach(open::add);
      }
    }
    return false;
  }

  private static Board played(String moves) {
    var board = new Board(new Grid(5));
    for (String move : moves.split(" ", -1)) {
      board.play(cell(board.grid(), move));
    }
    return board;
  }

  private static int cell(Grid grid, String text) {
    return grid.cellAt(Integer.parseInt(text.substring(1)) - 1, text.charAt(0) - 'a');
  }
}
