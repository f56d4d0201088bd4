package io.ringrift.workloads.hex;

/// The state of Adam (Kingma and Ba 2015) with decoupled weight decay (Loshchilov and Hutter 2019).
///
/// @param means running means of the gradients
/// @param squares running means of their squares
/// @param steps steps made so far
record Adam(float[] means, float[] squares, int steps) {
  private static final float MEAN_DECAY = 0.9f;
  private static final float SQUARE_DECAY = 0.999f;
  private static final float FLOOR = 1e-8f;

  static Adam fresh(int weights) {
    return new Adam(new float[weights], new float[weights], 0);
  }

  /// Moves the weights against a gradient; the arrays are changed, the count is a new state's.
  Adam step(float[] weights, float[] gradient, float rate, float decay) {
    int step = steps + 1;
    float meanScale = (float) (1 / (1 - StrictMath.pow(MEAN_DECAY, step)));
    float squareScale = (float) (1 / (1 - StrictMath.pow(SQUARE_DECAY, step)));
    for (int i = 0; i < weights.length; i++) {
      float slope = gradient[i];
      means[i] = MEAN_DECAY * means[i] + (1 - MEAN_DECAY) * slope;
      squares[i] = SQUARE_DECAY * squares[i] + (1 - SQUARE_DECAY) * slope * slope;
      float length = (float) Math.sqrt(squares[i] * squareScale) + FLOOR;
      weights[i] -= rate * (means[i] * meanScale / length + decay * weights[i]);
    }
    return new Adam(means, squares, step);
  }
}
