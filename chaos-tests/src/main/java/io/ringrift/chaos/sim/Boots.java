package io.ringrift.chaos.sim;

import io.ringrift.kernel.BootId;

/// Boot ids that look random, so that no rule can lean on their order, and still tell their life.
final class Boots {
  private static final long ODD = 0x9E3779B97F4A7C15L;
  private static final long INVERSE = inverse();

  private Boots() {}

  static BootId of(int node, int life) {
    return new BootId(((long) node << 32 | life) * ODD);
  }

  /// Number of the process start, from 1.
  static int life(BootId boot) {
    return (int) (boot.value() * INVERSE);
  }

  /// Newton's iteration modulo 2 to the 64th doubles the correct bits at each step.
  private static long inverse() {
    long x = ODD;
    for (int i = 0; i < 6; i++) {
      x *= 2 - ODD * x;
    }
    return x;
  }
}
