package io.ringrift.workloads.hex;

/// What decides the weights beside games and parent.
///
/// @param batch positions for one step
/// @param rate learning rate
/// @param decay share of each weight that a step with rate 1 takes away
record Recipe(long seed, int batch, float rate, float decay) {
  static final double DEFAULT_DECAY = 1e-4;
}
