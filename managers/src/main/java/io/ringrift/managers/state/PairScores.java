package io.ringrift.managers.state;

import io.ringrift.kernel.Pure;
import io.ringrift.kernel.Refusal;

/// What a candidate scored in pairs of games, the same opening with colours swapped: 0, 0.5, 1, 1.5
/// or 2 points of 2. The pair is the unit because its two games depend on each other through their
/// opening.
///
/// @param none pairs with 0 points
/// @param half pairs with 0.5
/// @param one pairs with 1
/// @param more pairs with 1.5
/// @param two pairs with 2
@Pure
record PairScores(int none, int half, int one, int more, int two) {
  private static final double Z95 = 1.959964;
  private static final double SCALE = 400;

  public PairScores {
    if (Math.min(Math.min(none, half), Math.min(Math.min(one, more), two)) < 0) {
      throw Refusal.invalid(
          "pairs", none + "," + half + "," + one + "," + more + "," + two, "0 or greater each");
    }
  }

  /// No pairs yet.
  public static final PairScores EMPTY = new PairScores(0, 0, 0, 0, 0);

  /// With one pair more.
  ///
  /// @param points 0, 0.5, 1, 1.5 or 2
  public PairScores with(double points) {
    return switch ((int) Math.round(2 * points)) {
      case 0 -> new PairScores(none + 1, half, one, more, two);
      case 1 -> new PairScores(none, half + 1, one, more, two);
      case 2 -> new PairScores(none, half, one + 1, more, two);
      case 3 -> new PairScores(none, half, one, more + 1, two);
      case 4 -> new PairScores(none, half, one, more, two + 1);
      default -> throw Refusal.invalid("points", Double.toString(points), "0, 0.5, 1, 1.5 or 2");
    };
  }

  /// With so many more without a point.
  PairScores withLost(int pairs) {
    return new PairScores(none + pairs, half, one, more, two);
  }

  /// Pairs.
  public int pairs() {
    return none + half + one + more + two;
  }

  /// Share of the points, 0 to 1; 0.5 without pairs.
  public double share() {
    return pairs() == 0 ? 0.5 : (half * 0.25 + one * 0.5 + more * 0.75 + two) / pairs();
  }

  /// Variance of one pair's share.
  double variance() {
    double mean = share();
    double sum =
        none * square(mean)
            + half * square(0.25 - mean)
            + one * square(0.5 - mean)
            + more * square(0.75 - mean)
            + two * square(1 - mean);
    return pairs() == 0 ? 0 : sum / pairs();
  }

  private static double square(double x) {
    return x * x;
  }

  /// Lower end of the 95 % interval of the share (Wilson, with the pairs as trials: cautious where
  /// draws make the spread smaller than a coin's).
  public double low() {
    return wilson(-1);
  }

  /// Upper end.
  public double high() {
    return wilson(1);
  }

  private double wilson(int side) {
    double n = pairs();
    if (n == 0) {
      return side < 0 ? 0 : 1;
    }
    double z2 = Z95 * Z95;
    double p = share();
    double centre = p + z2 / (2 * n);
    double half = Z95 * Math.sqrt(p * (1 - p) / n + z2 / (4 * n * n));
    return Math.clamp((centre + side * half) / (1 + z2 / n), 0, 1);
  }

  /// The difference in Elo that this share stands for; half a game less than all, or more than
  /// none, where it would be infinite.
  double elo() {
    double half = 0.25 / Math.max(1, pairs());
    return elo(Math.clamp(share(), half, 1 - half)) + 0.0; // an even score is 0, not -0
  }

  /// The difference in Elo that a share stands for; infinite at 0 and 1.
  public static double elo(double share) {
    return -SCALE * StrictMath.log10(1 / share - 1);
  }

  /// The share that a difference in Elo stands for.
  public static double shareOf(double elo) {
    return 1 / (1 + StrictMath.pow(10, -elo / SCALE));
  }
}
