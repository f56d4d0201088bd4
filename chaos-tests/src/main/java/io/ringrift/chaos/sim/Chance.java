package io.ringrift.chaos.sim;

import java.util.SplittableRandom;

/// The seed, split by purpose: what one purpose draws does not shift the others, so a fault can be
/// taken away without changing the weather elsewhere. One thread.
final class Chance {
  final SplittableRandom faults;
  final SplittableRandom network;
  final SplittableRandom disk;
  final SplittableRandom clocks;
  final SplittableRandom workload;
  final SplittableRandom sides;

  Chance(long seed) {
    var root = new SplittableRandom(seed);
    faults = root.split();
    network = root.split();
    disk = root.split();
    clocks = root.split();
    workload = root.split();
    sides = root.split();
  }

  /// A span around a mean, exponentially distributed and at least 1. StrictMath, so that every
  /// platform draws the same.
  static long around(SplittableRandom random, long mean) {
    return 1 + (long) (-StrictMath.log(1 - random.nextDouble()) * mean);
  }

  /// A span between two bounds, every order of magnitude as likely.
  static long magnitude(SplittableRandom random, long least, long most) {
    return (long) (least * StrictMath.pow((double) most / least, random.nextDouble()));
  }
}
