package io.ringrift.workloads.hex;

/// Runs a network. Owned by one thread: each run overwrites the results of the one before. Uses
/// `StrictMath` and no sums whose order could change, so that every machine finds the same bits.
final class Evaluator {
  private final Network network;
  private final float[] first;
  private final float[] second;
  private final float[] policy;
  private float value;

  Evaluator(Network network) {
    this.network = network;
    this.first = new float[network.shape().first()];
    this.second = new float[network.shape().second()];
    this.policy = new float[network.shape().cells()];
  }

  /// Sets `policy` to chances over the free cells and `value` to -1 (mover loses) to 1.
  void run(Inputs inputs) {
    var shape = network.shape();
    float[] w = network.weights();
    System.arraycopy(w, shape.firstBias(), first, 0, first.length);
    int[] active = inputs.active();
    for (int i = 0; i < inputs.count(); i++) {
      add(first, w, active[i] * first.length, 1);
    }
    cutBelowZero(first);
    System.arraycopy(w, shape.secondBias(), second, 0, second.length);
    layer(first, w, shape.secondWeights(), second);
    cutBelowZero(second);
    System.arraycopy(w, shape.policyBias(), policy, 0, policy.length);
    layer(second, w, shape.policyWeights(), policy);
    float sum = w[shape.valueBias()];
    for (int i = 0; i < second.length; i++) {
      sum += second[i] * w[shape.valueWeights() + i];
    }
    value = (float) StrictMath.tanh(sum);
    softmax(inputs);
  }

  private static void layer(float[] from, float[] w, int offset, float[] to) {
    for (int i = 0; i < from.length; i++) {
      if (from[i] != 0) {
        add(to, w, offset + i * to.length, from[i]);
      }
    }
  }

  /// Adds a row of weights times a factor; the form that the compiler turns into vector code.
  private static void add(float[] to, float[] w, int offset, float factor) {
    for (int j = 0; j < to.length; j++) {
      to[j] += w[offset + j] * factor;
    }
  }

  private static void cutBelowZero(float[] units) {
    for (int i = 0; i < units.length; i++) {
      // Not Math.max: a number that is none has to stay visible.
      if (units[i] < 0) {
        units[i] = 0;
      }
    }
  }

  private void softmax(Inputs inputs) {
    float greatest = Float.NEGATIVE_INFINITY;
    for (int cell = 0; cell < policy.length; cell++) {
      if (!inputs.taken(cell)) {
        greatest = Math.max(greatest, policy[cell]);
      }
    }
    double sum = 0;
    for (int cell = 0; cell < policy.length; cell++) {
      policy[cell] = inputs.taken(cell) ? 0 : (float) StrictMath.exp(policy[cell] - greatest);
      sum += policy[cell];
    }
    for (int cell = 0; cell < policy.length; cell++) {
      policy[cell] = (float) (policy[cell] / sum);
    }
  }

  /// Whether the last run gave numbers.
  boolean finite() {
    float sum = value;
    for (float chance : policy) {
      sum += chance;
    }
    return Float.isFinite(sum);
  }

  float[] policy() {
    return policy;
  }

  float value() {
    return value;
  }

  float[] first() {
    return first;
  }

  float[] second() {
    return second;
  }
}
