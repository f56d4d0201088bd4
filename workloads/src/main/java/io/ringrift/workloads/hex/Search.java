package io.ringrift.workloads.hex;

import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/// One tree of `NetworkEngine`: from a position, simulation by simulation.
final class Search {
  private final Evaluator evaluator;
  private final Inputs inputs;
  private final Board start;
  private final Board board;
  private final double exploration;
  private final Node root;

  /// @throws IllegalStateException when the network computes something that is no number
  Search(Network network, Board start, double exploration) {
    this.evaluator = new Evaluator(network);
    this.inputs = new Inputs(start.grid());
    this.start = start;
    this.board = start.copy();
    this.exploration = exploration;
    this.root = expand();
  }

  /// Mixes chance into the root's policy, so that self-play tries what the policy neglects: a
  /// Dirichlet distribution of one half, which is the squares of normal deviates over their sum.
  void addNoise(double share, SplittableRandom random) {
    var squares = new double[root.cells.length];
    double sum = 0;
    for (int i = 0; i < squares.length; i++) {
      double radius = -2 * StrictMath.log(1 - random.nextDouble());
      double wave = StrictMath.cos(2 * Math.PI * random.nextDouble());
      squares[i] = radius * wave * wave;
      sum += squares[i];
    }
    for (int i = 0; i < squares.length; i++) {
      root.chances[i] = (float) ((1 - share) * root.chances[i] + share * squares[i] / sum);
    }
  }

  /// Goes down to a new position or an ended game, and tells the way back what was found.
  void simulate() {
    board.copyFrom(start);
    visit(root);
  }

  /// Worth of what is found below a node, to the side that moves there.
  private double visit(Node node) {
    int i = node.select(exploration);
    board.play(node.cells[i]);
    double worth;
    if (board.winner().isPresent()) {
      // Only the side that has just moved can have connected.
      worth = 1;
    } else {
      Node child = node.children[i];
      if (child == null) {
        child = expand();
        node.children[i] = child;
        worth = -child.value;
      } else {
        worth = -visit(child);
      }
    }
    node.visits[i]++;
    node.visited++;
    node.sums[i] += worth;
    return worth;
  }

  private Node expand() {
    inputs.of(board);
    evaluator.run(inputs);
    if (!evaluator.finite()) {
      throw new IllegalStateException("the network computes a number that is not finite");
    }
    int[] cells = board.emptyCells();
    var chances = new float[cells.length];
    for (int i = 0; i < cells.length; i++) {
      int place = inputs.seen(cells[i], board.toMove() == Side.SECOND, false);
      chances[i] = evaluator.policy()[place];
    }
    return new Node(cells, chances, evaluator.value());
  }

  /// Simulations through each cell of the board.
  int[] visits() {
    var visits = new int[start.grid().cells()];
    for (int i = 0; i < root.cells.length; i++) {
      visits[root.cells[i]] = root.visits[i];
    }
    return visits;
  }

  /// A position, its moves and their records as its mover sees them.
  private static final class Node {
    private final int[] cells;
    private final float[] chances;
    private final double value;
    private final int[] visits;
    private final double[] sums;
    private final @Nullable Node[] children;
    private int visited;

    Node(int[] cells, float[] chances, double value) {
      this.cells = cells;
      this.chances = chances;
      this.value = value;
      this.visits = new int[cells.length];
      this.sums = new double[cells.length];
      this.children = new @Nullable Node[cells.length];
    }

    /// What was not tried yet counts as much as the position, less a little.
    int select(double exploration) {
      double bound = exploration * Math.sqrt(visited + 1.0);
      int best = 0;
      double bestWorth = Double.NEGATIVE_INFINITY;
      for (int i = 0; i < cells.length; i++) {
        double own = visits[i] == 0 ? value - 0.2 : sums[i] / visits[i];
        double worth = own + bound * chances[i] / (1 + visits[i]);
        if (worth > bestWorth) {
          best = i;
          bestWorth = worth;
        }
      }
      return best;
    }
  }
}
