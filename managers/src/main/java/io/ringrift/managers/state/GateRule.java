package io.ringrift.managers.state;

import io.ringrift.kernel.Pure;
import io.ringrift.kernel.Refusal;
import java.util.Locale;

/// When a candidate replaces the model in office. A rule sees finished pairs only: games that ended
/// by an error or a timeout are played again or hold the gate, and are never a pass.
@Pure
sealed interface GateRule {
  /// Fewer broken pairs than these may be chance.
  int FEWEST_BROKEN_TO_HOLD = 8;

  /// So many finished pairs to each of the broken ones that may be chance.
  int FINISHED_TO_ONE_BROKEN = 10;

  /// What is known after so many pairs.
  Verdict judge(PairScores scores);

  /// What is known when so many more pairs broke. They count for nobody, and others were played for
  /// them. But a candidate that breaks the pairs that it would lose has not earned its share of the
  /// others, so with more of them than may be chance it passes only if it would also with these as
  /// lost, and too many hold the gate.
  ///
  /// @param scores of the pairs that were finished
  default Verdict judge(PairScores scores, int broken) {
    if (broken >= FEWEST_BROKEN_TO_HOLD && broken > scores.pairs()) {
      return new Verdict(
          Outcome.HOLD,
          broken + " pairs ended by errors or timeouts and " + scores.pairs() + " did not");
    }
    var verdict = judge(scores);
    if (mayBeChance(scores, broken) || verdict.outcome() != Outcome.PASS) {
      return verdict;
    }
    String why = verdict.why() + "; not with the pairs that broke as lost, " + broken;
    return switch (judge(scores.withLost(broken)).outcome()) {
      case PASS -> verdict;
      case GO_ON -> new Verdict(Outcome.GO_ON, why);
      case FAIL, HOLD -> new Verdict(Outcome.HOLD, why);
    };
  }

  private static boolean mayBeChance(PairScores scores, int broken) {
    return broken < FEWEST_BROKEN_TO_HOLD && FINISHED_TO_ONE_BROKEN * broken <= scores.pairs();
  }

  /// Most pairs that the rule asks for.
  int mostPairs();

  /// Passed, failed, not known yet, or not to be known by these pairs.
  enum Outcome {
    PASS,
    FAIL,
    GO_ON,
    HOLD
  }

  /// @param why with the figures, for people
  record Verdict(Outcome outcome, String why) {}

  /// All pairs are played; a share of at least so much passes.
  record FixedShare(int pairs, double share) implements GateRule {
    public FixedShare {
      positive("pairs", pairs);
      between("share", share, 0, 1);
    }

    @Override
    public int mostPairs() {
      return pairs;
    }

    @Override
    public Verdict judge(PairScores scores) {
      String figures =
          String.format(
              Locale.ROOT,
              "%.1f %% of %d pairs, %.1f %% needed",
              100 * scores.share(),
              scores.pairs(),
              100 * share);
      if (scores.pairs() < pairs) {
        return new Verdict(Outcome.GO_ON, figures + ", " + pairs + " pairs in all");
      }
      return new Verdict(scores.share() >= share ? Outcome.PASS : Outcome.FAIL, figures);
    }
  }

  /// All pairs are played; the lower end of the 95 % interval of the share has to be above so much.
  record Interval(int pairs, double share) implements GateRule {
    public Interval {
      positive("pairs", pairs);
      between("share", share, 0, 1);
    }

    @Override
    public int mostPairs() {
      return pairs;
    }

    @Override
    public Verdict judge(PairScores scores) {
      String figures =
          String.format(
              Locale.ROOT,
              "%.1f %% [%.1f, %.1f] of %d pairs, lower end above %.1f %% needed",
              100 * scores.share(),
              100 * scores.low(),
              100 * scores.high(),
              scores.pairs(),
              100 * share);
      if (scores.pairs() < pairs) {
        return new Verdict(Outcome.GO_ON, figures + ", " + pairs + " pairs in all");
      }
      return new Verdict(scores.low() > share ? Outcome.PASS : Outcome.FAIL, figures);
    }
  }

  /// Wald's sequential test on the pairs' scores, with the normal approximation of the generalized
  /// likelihood ratio (Van den Bergh, "A practical introduction to the GSPRT"): stops as soon as
  /// `elo1` is likelier than `elo0` by what the error rates ask for, or the other way round.
  ///
  /// @param alpha chance to pass a candidate that is only `elo0` better
  /// @param beta chance to fail one that is `elo1` better
  /// @param mostPairs after so many without a decision it fails
  record Sprt(double alpha, double beta, double elo0, double elo1, int mostPairs)
      implements GateRule {
    /// Of a pair's share where draws are rare.
    static final double USUAL_VARIANCE = 0.07;

    /// Below this many pairs the variance says too little.
    private static final int LEAST_PAIRS = 8;

    /// So many pairs of two coins are added to the variance that was seen: a few pairs that are
    /// alike prove nothing about it, and would end the test too early.
    private static final double COINS = 8;

    private static final double VARIANCE_OF_COINS = 0.125;

    public Sprt {
      between("alpha", alpha, 0, 0.5);
      between("beta", beta, 0, 0.5);
      positive("most_pairs", mostPairs);
      if (!(elo0 < elo1) || Double.isInfinite(elo1 - elo0)) {
        throw Refusal.invalid("elo0", Double.toString(elo0), "less than elo1, " + elo1);
      }
    }

    /// Passes above.
    public double upper() {
      return StrictMath.log((1 - beta) / alpha);
    }

    /// Fails below.
    public double lower() {
      return StrictMath.log(beta / (1 - alpha));
    }

    /// Logarithm of the likelihood ratio.
    public double llr(PairScores scores) {
      double seen = scores.pairs() * scores.variance() + COINS * VARIANCE_OF_COINS;
      double variance = seen / (scores.pairs() + COINS);
      double s0 = PairScores.shareOf(elo0);
      double s1 = PairScores.shareOf(elo1);
      return scores.pairs() * (s1 - s0) * (2 * scores.share() - s0 - s1) / (2 * variance);
    }

    /// Pairs that a candidate of this strength is expected to need (Wald's approximation).
    ///
    /// @param elo how much better it is
    /// @param variance of a pair's share; see `USUAL_VARIANCE`
    public double expectedPairs(double elo, double variance) {
      double s0 = PairScores.shareOf(elo0);
      double s1 = PairScores.shareOf(elo1);
      double drift = (s1 - s0) * (2 * PairScores.shareOf(elo) - s0 - s1) / (2 * variance);
      double spread = (s1 - s0) * (s1 - s0) / variance;
      double h = -2 * drift / spread;
      if (Math.abs(h) < 1e-9) {
        return Math.min(mostPairs, -upper() * lower() / spread);
      }
      double pass =
          (1 - StrictMath.exp(h * lower()))
              / (StrictMath.exp(h * upper()) - StrictMath.exp(h * lower()));
      return Math.min(mostPairs, (pass * upper() + (1 - pass) * lower()) / drift);
    }

    @Override
    public Verdict judge(PairScores scores) {
      double llr = llr(scores);
      String figures =
          String.format(
              Locale.ROOT,
              "LLR %.2f [%.2f, %.2f] after %d pairs, elo0 %.0f, elo1 %.0f",
              llr,
              lower(),
              upper(),
              scores.pairs(),
              elo0,
              elo1);
      if (scores.pairs() >= LEAST_PAIRS && llr >= upper()) {
        return new Verdict(Outcome.PASS, figures);
      }
      boolean over = scores.pairs() >= mostPairs;
      if (over || (scores.pairs() >= LEAST_PAIRS && llr <= lower())) {
        return new Verdict(Outcome.FAIL, figures + (over ? ", no more pairs" : ""));
      }
      return new Verdict(Outcome.GO_ON, figures);
    }
  }

  private static void positive(String field, int value) {
    if (value < 1 || value > 100_000) {
      throw Refusal.invalid(field, Integer.toString(value), "1 to 100000");
    }
  }

  private static void between(String field, double value, double low, double high) {
    if (!(value > low && value < high)) {
      throw Refusal.invalid(field, Double.toString(value), "between " + low + " and " + high);
    }
  }
}
