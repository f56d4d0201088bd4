package io.ringrift.workloads.hex;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/// Upper confidence tree search (Kocsis and Szepesvari 2006) with rapid action value estimation
/// (Gelly and Silver 2011): playouts fill the board at random, and each cell's final owner counts
/// as if the cell had been played at once, which Hex allows because the order of moves is free.
///
/// @param simulations playouts for a move
/// @param exploration weight of the confidence term
/// @param rave visits until a move's own record outweighs the estimate; 0 switches estimates off
record MctsEngine(int simulations, double exploration, int rave) implements Engine {
  static final int DEFAULT_SIMULATIONS = 150;
  static final double DEFAULT_EXPLORATION = 0.3;
  static final int DEFAULT_RAVE = 300;

  @Override
  public int choose(Board board, SplittableRandom random) {
    var root = new Node(-1);
    var scratch = board.copy();
    for (int i = 0; i < simulations; i++) {
      scratch.copyFrom(board);
      simulate(root, scratch, random);
    }
    Node best = root;
    int visits = -1;
    for (Node child : root.children) {
      if (child.visits > visits) {
        best = child;
        visits = child.visits;
      }
    }
    return best.move;
  }

  private void simulate(Node root, Board board, SplittableRandom random) {
    var path = new ArrayList<Node>();
    var movers = new ArrayList<Side>();
    Node at = root;
    path.add(root);
    movers.add(board.toMove());
    while (board.winner().isEmpty()) {
      if (at.children.isEmpty()) {
        at.expand(board, random);
      }
      at = select(at);
      board.play(at.move);
      path.add(at);
      movers.add(board.toMove());
      if (at.visits == 0) {
        break;
      }
    }
    fill(board, random);
    learn(path, movers, board);
  }

  private Node select(Node parent) {
    double log = Math.log(parent.visits + 1.0);
    Node best = parent.children.getFirst();
    double bestValue = Double.NEGATIVE_INFINITY;
    for (Node child : parent.children) {
      double value = value(child, log);
      if (value > bestValue) {
        best = child;
        bestValue = value;
      }
    }
    return best;
  }

  private double value(Node child, double log) {
    double own = child.visits == 0 ? 0.5 : child.wins / child.visits;
    double estimate = child.estimates == 0 ? 0.5 : child.estimatedWins / child.estimates;
    double trust = rave == 0 ? 0 : Math.sqrt(rave / (3.0 * child.visits + rave));
    double bound = exploration * Math.sqrt(log / (child.visits + 1.0));
    return (1 - trust) * own + trust * estimate + bound;
  }

  /// Fills the rest at random. A side that has connected stays connected, so nobody need stop.
  private static void fill(Board board, SplittableRandom random) {
    int[] cells = board.emptyCells();
    shuffle(cells, random);
    for (int cell : cells) {
      board.play(cell);
    }
  }

  private static void learn(List<Node> path, List<Side> movers, Board full) {
    Side winner = full.winner().orElseThrow();
    for (int depth = 0; depth < path.size(); depth++) {
      Node node = path.get(depth);
      Side mover = movers.get(depth);
      node.visits++;
      // A node's record belongs to the side that moved into it.
      node.wins += winner == mover ? 0 : 1;
      for (Node child : node.children) {
        if (full.owner(child.move) == mover) {
          child.estimates++;
          child.estimatedWins += winner == mover ? 1 : 0;
        }
      }
    }
  }

  private static void shuffle(int[] cells, SplittableRandom random) {
    for (int i = cells.length - 1; i > 0; i--) {
      int other = random.nextInt(i + 1);
      int kept = cells[i];
      cells[i] = cells[other];
      cells[other] = kept;
    }
  }

  /// One position of the tree, named by the move into it.
  private static final class Node {
    private final int move;
    private final List<Node> children = new ArrayList<>();
    private int visits;
    private double wins;
    private int estimates;
    private double estimatedWins;

    Node(int move) {
      this.move = move;
    }

    /// Children stand in random order, so that equal values are no bias towards a corner.
    void expand(Board board, SplittableRandom random) {
      int[] cells = board.emptyCells();
      shuffle(cells, random);
      for (int cell : cells) {
        children.add(new Node(cell));
      }
    }
  }
}
