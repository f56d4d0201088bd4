package io.ringrift.workloads.hex;

import java.util.SplittableRandom;

/// Weights of a policy and value network. Only training writes to them.
record Network(Shape shape, float[] weights) {
  Network {
    if (weights.length != shape.weights()) {
      throw new IllegalArgumentException(weights.length + " weights for " + shape);
    }
  }

  /// The network before all training: He's initialisation (He et al. 2015) for the hidden layers,
  /// heads a tenth of that, so that it begins with nearly even chances and nearly no opinion.
  static Network untrained(Shape shape, long seed) {
    var random = new SplittableRandom(seed);
    var weights = new float[shape.weights()];
    // Few inputs are set at a time: about one cell in two carries a stone.
    fill(weights, 0, shape.firstBias(), 2.0 / (shape.cells() / 2.0), random);
    fill(weights, shape.secondWeights(), shape.secondBias(), 2.0 / shape.first(), random);
    fill(weights, shape.policyWeights(), shape.policyBias(), 0.01 / shape.second(), random);
    fill(weights, shape.valueWeights(), shape.valueBias(), 0.01 / shape.second(), random);
    return new Network(shape, weights);
  }

  /// Even chances of the wanted variance: only adding and multiplying, the same on any machine.
  private static void fill(
      float[] weights, int from, int to, double variance, SplittableRandom random) {
    double most = Math.sqrt(3 * variance);
    for (int i = from; i < to; i++) {
      weights[i] = (float) ((2 * random.nextDouble() - 1) * most);
    }
  }

  Network copy() {
    return new Network(shape, weights.clone());
  }

  boolean finite() {
    for (float weight : weights) {
      if (!Float.isFinite(weight)) {
        return false;
      }
    }
    return true;
  }
}
