package io.ringrift.workloads.hex;

import java.util.List;

/// Difference in strength, with a 95 % interval, out of the scores of colour-swapped pairs. The two
/// games of a pair share an opening, so the pair is what is independent. The interval is Wilson's
/// on the mean score (Wilson 1927), with as many trials as the pairs' own variance is worth: at
/// least one a pair, at most one a game. It stays honest when every game is won.
///
/// @param elo of the mean score, which is kept half a pair away from 0 and 1
/// @param low lower end
/// @param high upper end
record Elo(double elo, double low, double high) {
  /// Stands for what has no end.
  static final double MOST = 2400;

  private static final double Z = 1.959964;

  /// @param pairs mean score of each pair: 0, 0.5 or 1
  static Elo of(List<Double> pairs) {
    int n = pairs.size();
    if (n == 0) {
      return new Elo(0, -MOST, MOST);
    }
    double mean = pairs.stream().mapToDouble(s -> s).sum() / n;
    double variance = pairs.stream().mapToDouble(s -> (s - mean) * (s - mean)).sum() / n;
    double single = mean * (1 - mean);
    double worth = variance > 0 ? single / variance : single > 0 ? 2 : 1;
    double trials = n * Math.clamp(worth, 1, 2);
    double square = Z * Z;
    double middle = (mean + square / (2 * trials)) / (1 + square / trials);
    double half =
        Z * Math.sqrt(single / trials + square / (4 * trials * trials)) / (1 + square / trials);
    double edge = 1 / (2.0 * (n + 1));
    return new Elo(
        points(Math.clamp(mean, edge, 1 - edge)), points(middle - half), points(middle + half));
  }

  /// Elo points of an expected score.
  private static double points(double score) {
    if (score <= 0) {
      return -MOST;
    }
    return score >= 1 ? MOST : Math.clamp(400 * StrictMath.log10(score / (1 - score)), -MOST, MOST);
  }
}
