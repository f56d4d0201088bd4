package io.ringrift.workloads.hex;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

final class NetworkTest {
  private static final Grid GRID = new Grid(5);

  /// Small, so that slopes can be measured weight by weight.
  private static final Shape SMALL = new Shape(5, 7, 6);

  private static final byte[] MOVES = {12, 3, 7, 20, 18, 1};

  @Test
  void slopesAreThoseOfTheLoss() {
    var network = Network.untrained(SMALL, 11);
    var random = new SplittableRandom(1);
    for (int i = 0; i < network.weights().length; i++) {
      network.weights()[i] += (float) (random.nextDouble() - 0.5) * 0.6f;
    }
    var gradient = new Gradient(network);
    lossAt(gradient);
    float[] slopes = gradient.mean(1).clone();

    float largest = 0;
    for (int i = 0; i < slopes.length; i += 3) {
      largest = Math.max(largest, Math.abs(slopes[i]));
      float kept = network.weights()[i];
      network.weights()[i] = kept + 1e-3f;
      double above = lossAt(gradient);
      network.weights()[i] = kept - 1e-3f;
      double below = lossAt(gradient);
      network.weights()[i] = kept;
      assertThat((above - below) / 2e-3).as("weight " + i).isCloseTo(slopes[i], within(0.02));
    }
    assertThat(largest).isGreaterThan(0.2f);
  }

  private static double lossAt(Gradient gradient) {
    var inputs = new Inputs(GRID);
    var target = new float[GRID.cells()];
    target[inputs.seen(6, false, false)] = 0.75f;
    target[inputs.seen(8, false, false)] = 0.25f;
    inputs.of(MOVES, 6, false);
    gradient.clear();
    gradient.add(inputs, target, true, -1);
    return gradient.policyLoss() + gradient.valueLoss();
  }

  @Test
  void boardAndMovesAreSeenAlike() {
    for (int ply = 0; ply <= MOVES.length; ply++) {
      var board = new Board(GRID);
      for (int i = 0; i < ply; i++) {
        board.play(MOVES[i]);
      }
      assertThat(seen(board)).isEqualTo(seen(ply, false));
    }
  }

  @Test
  void halfATurnOfTheBoardIsSeenAsTurned() {
    for (int ply = 0; ply <= MOVES.length; ply++) {
      var board = new Board(GRID);
      for (int i = 0; i < ply; i++) {
        board.play(GRID.cells() - 1 - MOVES[i]);
      }
      assertThat(seen(board)).isEqualTo(seen(ply, true));
    }
  }

  @Test
  void secondPlayersGoalIsSeenAsTopToBottom() {
    var inputs = new Inputs(GRID);
    for (int cell = 0; cell < GRID.cells(); cell++) {
      int place = inputs.seen(cell, true, false);
      assertThat(GRID.onNearEdge(place, Side.FIRST)).isEqualTo(GRID.onNearEdge(cell, Side.SECOND));
      assertThat(Arrays.stream(GRID.neighbours(cell)).map(n -> inputs.seen(n, true, false)))
          .containsExactlyInAnyOrder(
              Arrays.stream(GRID.neighbours(place)).boxed().toArray(Integer[]::new));
    }
  }

  private static int[] seen(Board board) {
    var inputs = new Inputs(GRID);
    inputs.of(board);
    return sorted(inputs);
  }

  private static int[] seen(int ply, boolean turned) {
    var inputs = new Inputs(GRID);
    inputs.of(MOVES, ply, turned);
    return sorted(inputs);
  }

  private static int[] sorted(Inputs inputs) {
    int[] active = Arrays.copyOf(inputs.active(), inputs.count());
    Arrays.sort(active);
    return active;
  }

  @Test
  void untrainedSearchTakesTheWinningMove() {
    var board = new Board(GRID);
    for (int row = 0; row < 4; row++) {
      board.play(GRID.cellAt(row, 1));
      board.play(GRID.cellAt(row, 4));
    }
    var engine = NetworkEngine.strict(Network.untrained(Shape.of(GRID), 1), 200);

    assertThat(GRID.text(engine.choose(board, new SplittableRandom(1)))).isIn("a5", "b5");
  }

  @Test
  void visitsOfFreeCellsAddUpToTheSimulations() {
    var board = new Board(GRID);
    board.play(12);
    var choice = noisy().decide(board, new SplittableRandom(1));

    assertThat(Arrays.stream(choice.visits()).sum()).isEqualTo(40);
    assertThat(choice.visits()[12]).isZero();
    assertThat(choice.visits()[choice.cell()]).isPositive();
    assertThat(choice.visitsText(GRID)).contains(GRID.text(choice.cell()) + ":");
  }

  @Test
  void chanceComesFromTheSeed() {
    var game = Game.play(GRID, noisy(), noisy(), 5, 0);

    assertThat(Game.play(GRID, noisy(), noisy(), 5, 0)).isEqualTo(game);
    assertThat(Game.play(GRID, noisy(), noisy(), 6, 0).moves()).isNotEqualTo(game.moves());
  }

  @Test
  void strictPlayUsesNoChance() {
    var engine = NetworkEngine.strict(Network.untrained(Shape.of(GRID), 1), 40);

    assertThat(Game.play(GRID, engine, engine, 5, 0).moves())
        .isEqualTo(Game.play(GRID, engine, engine, 6, 0).moves());
  }

  @Test
  void networkThatComputesNoNumbersFails() {
    var network = Network.untrained(Shape.of(GRID), 1);
    Arrays.fill(network.weights(), 1e30f);
    var engine = NetworkEngine.strict(network, 4);

    assertThatThrownBy(() -> engine.choose(new Board(GRID), new SplittableRandom(1)))
        .hasMessageContaining("not finite");
  }

  private static Engine noisy() {
    return new NetworkEngine(Network.untrained(Shape.of(GRID), 1), 40, 1.5, 0.25, 1, 6);
  }
}
