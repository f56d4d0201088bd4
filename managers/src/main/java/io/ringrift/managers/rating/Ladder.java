package io.ringrift.managers.rating;

import io.ringrift.kernel.Pure;
import io.ringrift.kernel.Refusal;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;

/// Ratings by maximum likelihood: the Bradley-Terry model, draws as half a win each, more than two
/// participants as their pairs, each of which counts less than a game, for the pairs of a match
/// depend on each other. Intervals come from the curvature of the likelihood (Hunter, "MM
/// algorithms for generalized Bradley-Terry models", 2004, for model and convergence). Two drawn
/// games against a phantom of rating 0 for each participant keep everything finite, for somebody
/// who won or lost every game too; they pull ratings a little together, towards caution.
@Pure
public final class Ladder {
  private static final double PRIOR_GAMES = 2;
  private static final int MOST_STEPS = 200;
  private static final double PRECISION = 1e-10;
  private static final double ELO = 400 / StrictMath.log(10);
  private static final double Z95 = 1.959964;

  /// Most participants; the work grows with the third power, to about a second.
  public static final int MOST_NAMES = 500;

  private final List<String> names;
  private final double[] strength;
  private final double[][] covariance;
  private final int[] games;

  /// One participant.
  ///
  /// @param elo relative to the mean of all
  /// @param low lower end of the 95 % interval
  /// @param high upper end
  public record Rung(String name, double elo, double low, double high, int games) {}

  private Ladder(List<String> names, double[] strength, double[][] covariance, int[] games) {
    this.names = names;
    this.strength = strength;
    this.covariance = covariance;
    this.games = games;
  }

  /// Rates.
  ///
  /// @param matches in any order; those that are not rated are passed over, a repeated id counts
  ///   once
  public static Ladder of(Collection<Match> matches) {
    var rated = new TreeMap<String, Match>();
    matches.stream().filter(Match::rated).forEach(match -> rated.putIfAbsent(match.id(), match));
    var found = new TreeSet<String>();
    rated.values().forEach(match -> found.addAll(match.participants()));
    if (found.size() > MOST_NAMES) {
      throw Refusal.invalid(
          "config_key", found.size() + " participants", "a configuration of at most " + MOST_NAMES);
    }
    var names = List.copyOf(found);
    int n = names.size();
    var scores = new double[n];
    var played = new double[n][n];
    var games = new int[n];
    for (Match match : rated.values()) {
      count(match, names, scores, played, games);
    }
    double[] strength = climb(scores, played);
    return new Ladder(names, strength, invert(curvature(strength, played)), games);
  }

  private static void count(
      Match match, List<String> names, double[] scores, double[][] played, int[] games) {
    int seats = match.participants().size();
    double weight = weight(seats);
    for (int seat = 0; seat < seats; seat++) {
      int one = names.indexOf(match.participants().get(seat));
      games[one]++;
      for (int other = 0; other < seats; other++) {
        if (other != seat) {
          scores[one] += weight * match.score(seat, other);
          played[one][names.indexOf(match.participants().get(other))] += weight;
        }
      }
    }
  }

  /// What one pair of a match tells, in games of two. A place among n equals has the variance (n² -
  /// 1) / 12, where n - 1 games of two would let expect (n - 1) / 4; that their quotient is the
  ///    weight keeps intervals as wide as they are in truth.
  static double weight(int seats) {
    return 3.0 / (seats + 1);
  }

  /// Newton's steps on the log likelihood, which is concave, each at most one unit long.
  private static double[] climb(double[] scores, double[][] played) {
    int n = scores.length;
    var strength = new double[n];
    for (int step = 0; step < MOST_STEPS; step++) {
      var slope = new double[n];
      for (int i = 0; i < n; i++) {
        slope[i] = scores[i] + PRIOR_GAMES / 2 - PRIOR_GAMES * logistic(strength[i]);
        for (int j = 0; j < n; j++) {
          slope[i] -= played[i][j] * logistic(strength[i] - strength[j]);
        }
      }
      double[] move = solve(factor(curvature(strength, played)), slope);
      double longest = 0;
      for (double part : move) {
        longest = Math.max(longest, Math.abs(part));
      }
      double scale = longest > 1 ? 1 / longest : 1;
      for (int i = 0; i < n; i++) {
        strength[i] += scale * move[i];
      }
      if (longest < PRECISION) {
        break;
      }
    }
    return strength;
  }

  private static double logistic(double x) {
    return 1 / (1 + StrictMath.exp(-x));
  }

  /// Minus the second derivative of the log likelihood: positive definite because of the phantom.
  private static double[][] curvature(double[] strength, double[][] played) {
    int n = strength.length;
    var matrix = new double[n][n];
    for (int i = 0; i < n; i++) {
      double own = logistic(strength[i]);
      matrix[i][i] += PRIOR_GAMES * own * (1 - own);
      for (int j = 0; j < n; j++) {
        double p = logistic(strength[i] - strength[j]);
        double weight = played[i][j] * p * (1 - p);
        matrix[i][i] += weight;
        matrix[i][j] -= weight;
      }
    }
    return matrix;
  }

  /// The lower triangle of Cholesky's factor of a positive definite matrix.
  private static double[][] factor(double[][] matrix) {
    int n = matrix.length;
    var lower = new double[n][n];
    for (int i = 0; i < n; i++) {
      for (int j = 0; j <= i; j++) {
        double sum = matrix[i][j];
        for (int k = 0; k < j; k++) {
          sum -= lower[i][k] * lower[j][k];
        }
        lower[i][j] = i == j ? Math.sqrt(sum) : sum / lower[j][j];
      }
    }
    return lower;
  }

  private static double[] solve(double[][] lower, double[] right) {
    int n = right.length;
    double[] x = right.clone();
    for (int i = 0; i < n; i++) {
      for (int k = 0; k < i; k++) {
        x[i] -= lower[i][k] * x[k];
      }
      x[i] /= lower[i][i];
    }
    for (int i = n - 1; i >= 0; i--) {
      for (int k = i + 1; k < n; k++) {
        x[i] -= lower[k][i] * x[k];
      }
      x[i] /= lower[i][i];
    }
    return x;
  }

  private static double[][] invert(double[][] matrix) {
    double[][] lower = factor(matrix);
    var inverse = new double[matrix.length][];
    for (int i = 0; i < matrix.length; i++) {
      var unit = new double[matrix.length];
      unit[i] = 1;
      inverse[i] = solve(lower, unit);
    }
    return inverse;
  }

  /// Everybody who played a rated match.
  public List<String> names() {
    return names;
  }

  /// All, best first.
  public List<Rung> rungs() {
    int n = names.size();
    double mean = 0;
    for (double s : strength) {
      mean += s / n;
    }
    var rungs = new ArrayList<Rung>();
    for (int i = 0; i < n; i++) {
      double elo = ELO * (strength[i] - mean);
      double half = Z95 * ELO * Math.sqrt(Math.max(0, awayFromMean(i)));
      rungs.add(new Rung(names.get(i), elo, elo - half, elo + half, games[i]));
    }
    rungs.sort(
        (a, b) -> {
          int order = Double.compare(b.elo(), a.elo());
          return order != 0 ? order : a.name().compareTo(b.name());
        });
    return List.copyOf(rungs);
  }

  /// Variance of a strength minus the mean of all.
  private double awayFromMean(int i) {
    int n = names.size();
    double sum = 0;
    double row = 0;
    for (int j = 0; j < n; j++) {
      row += covariance[i][j];
      for (int k = 0; k < n; k++) {
        sum += covariance[j][k];
      }
    }
    return covariance[i][i] - 2 * row / n + sum / n / n;
  }

  /// How much better one is than another, with its own interval: two intervals of `rungs` that
  /// overlap do not mean that nothing is known.
  ///
  /// @throws IllegalArgumentException for somebody who played no rated match
  public Rung difference(String one, String other) {
    int i = place(one);
    int j = place(other);
    double elo = ELO * (strength[i] - strength[j]);
    double variance = covariance[i][i] + covariance[j][j] - 2 * covariance[i][j];
    double half = Z95 * ELO * Math.sqrt(Math.max(0, variance));
    return new Rung(one, elo, elo - half, elo + half, Math.min(games[i], games[j]));
  }

  private int place(String name) {
    int place = names.indexOf(name);
    if (place < 0) {
      throw new IllegalArgumentException(name + " played no rated match");
    }
    return place;
  }
}
