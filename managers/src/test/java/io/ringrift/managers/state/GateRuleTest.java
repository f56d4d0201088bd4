package io.ringrift.managers.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.ringrift.kernel.Refusal;
import io.ringrift.managers.state.GateRule.Outcome;
import io.ringrift.managers.state.GateRule.Sprt;
import java.util.Random;
import org.junit.jupiter.api.Test;

class GateRuleTest {
  private static final Sprt SPRT = new Sprt(0.05, 0.05, 0, 70, 2000);

  private static PairScores wins(int pairs) {
    return new PairScores(0, 0, 0, 0, pairs);
  }

  /// Plays pairs of a candidate of this strength, without draws, until the rule has a verdict.
  private static PairScores play(GateRule rule, double elo, Random random) {
    double chance = PairScores.shareOf(elo);
    var scores = PairScores.EMPTY;
    do {
      double points = random.nextDouble() < chance ? 1 : 0;
      scores = scores.with(points + (random.nextDouble() < chance ? 1 : 0));
    } while (rule.judge(scores).outcome() == Outcome.GO_ON);
    return scores;
  }

  private static double passes(double elo) {
    var random = new Random(17);
    int passed = 0;
    for (int i = 0; i < 1000; i++) {
      passed += SPRT.judge(play(SPRT, elo, random)).outcome() == Outcome.PASS ? 1 : 0;
    }
    return passed / 1000.0;
  }

  @Test
  void sprtKeepsItsErrorRates() {
    assertThat(SPRT.upper()).isCloseTo(2.944, within(0.001));
    assertThat(passes(0)).isLessThan(0.07);
    assertThat(passes(70)).isGreaterThan(0.93);
  }

  @Test
  void theExpectedNumberOfPairsIsAboutWhatIsNeeded() {
    var random = new Random(29);
    double sum = 0;
    double variance = 0;
    for (int i = 0; i < 500; i++) {
      var scores = play(SPRT, 70, random);
      sum += scores.pairs() / 500.0;
      variance += scores.variance() / 500;
    }
    assertThat(SPRT.expectedPairs(70, variance)).isBetween(sum * 0.7, sum * 1.3);
  }

  @Test
  void tooFewPairsDecideNothing() {
    assertThat(SPRT.judge(wins(7)).outcome()).isEqualTo(Outcome.GO_ON);
    assertThat(SPRT.judge(wins(12)).outcome()).isEqualTo(Outcome.PASS);
    assertThat(new Sprt(0.05, 0.05, 0, 5, 20).judge(wins(20).with(0)).outcome())
        .isEqualTo(Outcome.FAIL);
  }

  @Test
  void aFixedShareWaitsForAllPairs() {
    var rule = new GateRule.FixedShare(10, 0.55);
    assertThat(rule.judge(wins(9)).outcome()).isEqualTo(Outcome.GO_ON);
    assertThat(rule.judge(new PairScores(4, 0, 0, 0, 6)).outcome()).isEqualTo(Outcome.PASS);
    assertThat(rule.judge(new PairScores(5, 0, 0, 0, 5)).outcome()).isEqualTo(Outcome.FAIL);
  }

  /// With 100 pairs 55 % are needed: 55 won and 45 lost are just enough.
  @Test
  void pairsThatMayHaveBrokenByChanceCostNoMarginalPass() {
    var rule = new GateRule.FixedShare(100, 0.55);
    var marginal = new PairScores(45, 0, 0, 0, 55);
    assertThat(rule.judge(marginal, 1).outcome()).isEqualTo(Outcome.PASS);
    assertThat(rule.judge(marginal, 7).outcome()).isEqualTo(Outcome.PASS);
    assertThat(rule.judge(marginal, 8).outcome()).isEqualTo(Outcome.HOLD);
    assertThat(rule.judge(marginal, 8).why()).contains("that broke as lost, 8");
    assertThat(rule.judge(new PairScores(46, 0, 0, 0, 54), 1).outcome()).isEqualTo(Outcome.FAIL);
  }

  @Test
  void ofFewPairsFewBreakByChance() {
    var interval = new GateRule.Interval(20, 0.5);
    var marginal = new PairScores(5, 0, 0, 0, 15);
    assertThat(interval.judge(marginal, 2).outcome()).isEqualTo(Outcome.PASS);
    assertThat(interval.judge(marginal, 3).outcome()).isEqualTo(Outcome.HOLD);
    assertThat(SPRT.judge(wins(12), 1).outcome()).isEqualTo(Outcome.PASS);
    assertThat(SPRT.judge(wins(12), 7).outcome()).isEqualTo(Outcome.GO_ON);
  }

  @Test
  void anIntervalWantsItsLowerEndAboveTheBar() {
    var rule = new GateRule.Interval(10, 0.5);
    assertThat(rule.judge(new PairScores(3, 0, 0, 0, 7)).outcome()).isEqualTo(Outcome.FAIL);
    assertThat(rule.judge(wins(10)).outcome()).isEqualTo(Outcome.PASS);
    assertThat(wins(10).low()).isCloseTo(0.7225, within(0.001));
  }

  @Test
  void sharesAndEloAreTwoNamesOfOneThing() {
    assertThat(PairScores.elo(0.75)).isCloseTo(190.85, within(0.01));
    assertThat(PairScores.shareOf(PairScores.elo(0.3))).isCloseTo(0.3, within(1e-12));
    assertThat(PairScores.EMPTY.share()).isEqualTo(0.5);
  }

  @Test
  void valuesThatMakeNoTestAreRefusedByName() {
    assertThatThrownBy(() -> new Sprt(0, 0.05, 0, 5, 10))
        .isInstanceOf(Refusal.class)
        .hasMessageContaining("alpha");
    assertThatThrownBy(() -> new Sprt(0.05, 0.05, 5, 5, 10)).hasMessageContaining("elo0");
    assertThatThrownBy(() -> new Sprt(0.05, Double.NaN, 0, 5, 10)).hasMessageContaining("beta");
    assertThatThrownBy(() -> new GateRule.FixedShare(0, 0.5)).hasMessageContaining("pairs");
    assertThatThrownBy(() -> PairScores.EMPTY.with(2.5)).hasMessageContaining("points");
  }
}
