package io.ringrift.workloads.hex;

/// Layers of the network for one board, and where each layer lies in the one array of weights.
/// Inputs are the mover's stones, then the opponent's; two hidden layers; outputs are a logit a
/// cell and one value. Weights of a layer are stored input by input.
///
/// @param size cells along an edge
/// @param first units of the first hidden layer
/// @param second units of the second hidden layer
record Shape(int size, int first, int second) {
  static final int MOST_UNITS = 1024;

  Shape {
    if (size < Grid.SMALLEST || size > Grid.GREATEST || !fits(first) || !fits(second)) {
      throw new IllegalArgumentException("shape " + size + " " + first + " " + second);
    }
  }

  /// The usual layers.
  static Shape of(Grid grid) {
    return new Shape(grid.size(), 128, 64);
  }

  private static boolean fits(int units) {
    return units >= 1 && units <= MOST_UNITS;
  }

  int cells() {
    return size * size;
  }

  int inputs() {
    return 2 * cells();
  }

  int firstBias() {
    return inputs() * first;
  }

  int secondWeights() {
    return firstBias() + first;
  }

  int secondBias() {
    return secondWeights() + first * second;
  }

  int policyWeights() {
    return secondBias() + second;
  }

  int policyBias() {
    return policyWeights() + second * cells();
  }

  int valueWeights() {
    return policyBias() + cells();
  }

  int valueBias() {
    return valueWeights() + second;
  }

  /// Numbers in all.
  int weights() {
    return valueBias() + 1;
  }
}
