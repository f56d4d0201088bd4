package io.ringrift.workloads.hex;

import java.util.Arrays;

/// Slopes of the loss, summed over the positions of a batch. The loss of a position is the cross
/// entropy of policy and search plus the squared error of the value.
final class Gradient {
  private final Network network;
  private final Evaluator evaluator;
  private final float[] slopes;
  private final float[] policySlope;
  private final float[] secondSlope;
  private final float[] firstSlope;
  private double policyLoss;
  private double valueLoss;

  Gradient(Network network) {
    var shape = network.shape();
    this.network = network;
    this.evaluator = new Evaluator(network);
    this.slopes = new float[shape.weights()];
    this.policySlope = new float[shape.cells()];
    this.secondSlope = new float[shape.second()];
    this.firstSlope = new float[shape.first()];
  }

  void clear() {
    Arrays.fill(slopes, 0);
    policyLoss = 0;
    valueLoss = 0;
  }

  /// Adds a position.
  ///
  /// @param target chances of the search by place, all 0 where the position teaches no policy
  /// @param result 1 where the mover won the game, -1 where not
  void add(Inputs inputs, float[] target, boolean taught, float result) {
    evaluator.run(inputs);
    float[] policy = evaluator.policy();
    for (int i = 0; i < policySlope.length; i++) {
      policySlope[i] = taught ? policy[i] - target[i] : 0;
      if (taught && target[i] > 0) {
        policyLoss -= target[i] * StrictMath.log(Math.max(policy[i], Float.MIN_NORMAL));
      }
    }
    float error = evaluator.value() - result;
    valueLoss += error * error;
    float bend = 1 - evaluator.value() * evaluator.value();
    heads(2 * error * bend);
    hidden(inputs);
  }

  private void heads(float valueSlope) {
    var shape = network.shape();
    float[] w = network.weights();
    float[] second = evaluator.second();
    addAll(shape.policyBias(), policySlope, 1);
    slopes[shape.valueBias()] += valueSlope;
    for (int i = 0; i < second.length; i++) {
      secondSlope[i] = 0;
      if (second[i] != 0) {
        int row = shape.policyWeights() + i * policySlope.length;
        addAll(row, policySlope, second[i]);
        slopes[shape.valueWeights() + i] += second[i] * valueSlope;
        secondSlope[i] = dot(w, row, policySlope) + w[shape.valueWeights() + i] * valueSlope;
      }
    }
  }

  private void hidden(Inputs inputs) {
    var shape = network.shape();
    float[] first = evaluator.first();
    addAll(shape.secondBias(), secondSlope, 1);
    for (int i = 0; i < first.length; i++) {
      firstSlope[i] = 0;
      if (first[i] != 0) {
        int row = shape.secondWeights() + i * secondSlope.length;
        addAll(row, secondSlope, first[i]);
        firstSlope[i] = dot(network.weights(), row, secondSlope);
      }
    }
    addAll(shape.firstBias(), firstSlope, 1);
    for (int i = 0; i < inputs.count(); i++) {
      addAll(inputs.active()[i] * firstSlope.length, firstSlope, 1);
    }
  }

  private void addAll(int offset, float[] values, float factor) {
    for (int j = 0; j < values.length; j++) {
      slopes[offset + j] += values[j] * factor;
    }
  }

  private static float dot(float[] w, int offset, float[] values) {
    float sum = 0;
    for (int j = 0; j < values.length; j++) {
      sum += w[offset + j] * values[j];
    }
    return sum;
  }

  /// The mean slopes of the batch, in place.
  float[] mean(int positions) {
    for (int i = 0; i < slopes.length; i++) {
      slopes[i] /= positions;
    }
    return slopes;
  }

  double policyLoss() {
    return policyLoss;
  }

  double valueLoss() {
    return valueLoss;
  }
}
