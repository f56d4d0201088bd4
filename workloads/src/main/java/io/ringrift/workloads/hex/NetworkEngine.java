package io.ringrift.workloads.hex;

import java.util.SplittableRandom;

/// Tree search that a network guides, after AlphaZero (Silver et al. 2018): no playouts; the policy
/// says where to look and the value what is worth it. Owned by one thread.
///
/// @param simulations positions looked at for a move
/// @param exploration weight of the policy against the record
/// @param noise share of chance in the root's policy; 0 in games that count
/// @param temperature how freely a move is drawn by its visits; 0 takes the most visited
/// @param temperatureMoves moves of a game that are drawn, both sides counted
record NetworkEngine(
    Network network,
    int simulations,
    double exploration,
    double noise,
    double temperature,
    int temperatureMoves)
    implements Engine {
  static final int DEFAULT_SIMULATIONS = 64;
  static final double DEFAULT_EXPLORATION = 1.5;
  static final double DEFAULT_NOISE = 0.25;

  /// The engine for games that count: no chance at all.
  static NetworkEngine strict(Network network, int simulations) {
    return new NetworkEngine(network, simulations, DEFAULT_EXPLORATION, 0, 0, 0);
  }

  @Override
  public int choose(Board board, SplittableRandom random) {
    return decide(board, random).cell();
  }

  /// @throws IllegalStateException when the network computes something that is no number
  @Override
  public Choice decide(Board board, SplittableRandom random) {
    var search = new Search(network, board, exploration);
    if (noise > 0) {
      search.addNoise(noise, random);
    }
    for (int i = 0; i < simulations; i++) {
      search.simulate();
    }
    int[] visits = search.visits();
    boolean drawn = temperature > 0 && board.moves() < temperatureMoves;
    return new Choice(drawn ? draw(visits, random) : most(visits), visits);
  }

  private static int most(int[] visits) {
    int best = 0;
    for (int cell = 1; cell < visits.length; cell++) {
      best = visits[cell] > visits[best] ? cell : best;
    }
    return best;
  }

  private int draw(int[] visits, SplittableRandom random) {
    var weights = new double[visits.length];
    double sum = 0;
    int greatest = visits[most(visits)];
    for (int cell = 0; cell < weights.length; cell++) {
      weights[cell] = StrictMath.pow((double) visits[cell] / greatest, 1 / temperature);
      sum += weights[cell];
    }
    double left = random.nextDouble() * sum;
    int chosen = most(visits);
    for (int cell = 0; cell < weights.length; cell++) {
      left -= weights[cell];
      if (left < 0) {
        return cell;
      }
    }
    return chosen;
  }
}
