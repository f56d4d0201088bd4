package io.ringrift.workloads.hex;

import java.util.Arrays;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.BooleanSupplier;

/// Learns a network from games, epoch by epoch. All chance of an epoch comes from the seed and its
/// number, so that a training may end after any epoch and go on later to the same weights.
final class Trainer {
  /// Losses of one epoch, means over its positions.
  ///
  /// @param policyLoss over the positions that teach a policy
  record Losses(double policyLoss, double valueLoss) {
    double loss() {
      return policyLoss + valueLoss;
    }
  }

  private final Grid grid;
  private final Dataset data;
  private final Recipe recipe;
  private final Network network;
  private final Gradient gradient;
  private final Inputs inputs;
  private final float[] target;
  private Adam adam;
  private int epochs;
  private Losses losses;

  /// @param state where to go on; its arrays are changed
  Trainer(Grid grid, Dataset data, Recipe recipe, Checkpoint state) {
    this.grid = grid;
    this.data = data;
    this.recipe = recipe;
    this.network = state.network();
    this.adam = state.adam();
    this.epochs = state.epochs();
    this.losses = state.losses();
    this.gradient = new Gradient(network);
    this.inputs = new Inputs(grid);
    this.target = new float[grid.cells()];
  }

  /// Goes once through all positions.
  ///
  /// @return the losses, or nothing when stopped on the way; the weights are then of no use
  Optional<Losses> epoch(BooleanSupplier stopped) throws NotFiniteException {
    var random = new SplittableRandom(Game.seedOf(recipe.seed(), epochs + 1));
    int[] order = shuffled(random);
    double policyLoss = 0;
    double valueLoss = 0;
    int taught = 0;
    for (int from = 0; from < order.length; from += recipe.batch()) {
      if (stopped.getAsBoolean()) {
        return Optional.empty();
      }
      int to = Math.min(order.length, from + recipe.batch());
      gradient.clear();
      for (int i = from; i < to; i++) {
        taught += add(order[i] >>> 8, order[i] & 0xff, random.nextBoolean()) ? 1 : 0;
      }
      policyLoss += gradient.policyLoss();
      valueLoss += gradient.valueLoss();
      requireFinite(policyLoss + valueLoss, epochs + 1, "loss");
      adam = adam.step(network.weights(), gradient.mean(to - from), recipe.rate(), recipe.decay());
    }
    epochs++;
    requireFinite(network.finite() ? 0 : Double.NaN, epochs, "weight");
    losses = new Losses(policyLoss / Math.max(1, taught), valueLoss / order.length);
    return Optional.of(losses);
  }

  private static void requireFinite(double number, int epoch, String what)
      throws NotFiniteException {
    if (!Double.isFinite(number)) {
      throw new NotFiniteException(
          "a " + what + " of epoch " + epoch + " is not finite; use a smaller --learning-rate");
    }
  }

  /// All positions, the game's number above eight bits for the ply, in chance order.
  private int[] shuffled(SplittableRandom random) {
    int[] order = new int[data.positions()];
    int count = 0;
    for (int game = 0; game < data.games().size(); game++) {
      for (int ply = 0; ply < data.games().get(game).moves().length; ply++) {
        order[count++] = game << 8 | ply;
      }
    }
    for (int i = order.length - 1; i > 0; i--) {
      int other = random.nextInt(i + 1);
      int kept = order[i];
      order[i] = order[other];
      order[other] = kept;
    }
    return order;
  }

  /// Adds one position to the batch.
  ///
  /// @return whether it teaches a policy
  private boolean add(int number, int ply, boolean turned) {
    var game = data.games().get(number);
    boolean mirrored = ply % 2 == 1;
    inputs.of(game.moves(), ply, turned);
    Arrays.fill(target, 0);
    var searched = game.searched().get(ply);
    if (searched != null) {
      for (int i = 0; i < searched.cells().length; i++) {
        target[inputs.seen(searched.cells()[i], mirrored, turned)] += searched.shares()[i];
      }
    }
    boolean won = game.winner() == (mirrored ? Side.SECOND : Side.FIRST);
    gradient.add(inputs, target, searched != null, won ? 1 : -1);
    return searched != null;
  }

  /// The state after the last whole epoch.
  Checkpoint state() {
    return new Checkpoint(network, adam, epochs, losses);
  }

  Grid grid() {
    return grid;
  }
}
