package io.ringrift.managers.selfplay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringrift.kernel.Refusal;
import io.ringrift.managers.EngineModes;
import io.ringrift.managers.selfplay.Modifiers.Active;
import io.ringrift.managers.selfplay.PriorityTable.Entry;
import io.ringrift.managers.selfplay.Weights.Signals;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class WeightsTest {
  private static final Entry SQUARE8 = new Entry(new ConfigKey("square8", 2), "mixed", 5);

  private static Signals signals(double curriculum, int board, Active active) {
    return new Signals(curriculum, board, OptionalDouble.empty(), OptionalLong.empty(), active);
  }

  private static Signals games(long games, Optional<Duration> sinceTraining) {
    return new Signals(
        1,
        3,
        OptionalDouble.empty(),
        OptionalLong.of(games),
        new Active(1, Duration.ZERO, 1, 1, 1, sinceTraining));
  }

  private static Active active(double explore, double trained, double penalty, double rate) {
    return new Active(explore, Duration.ZERO, trained, penalty, rate, Optional.empty());
  }

  private static int effective(Signals signals) {
    return Weights.score(SQUARE8, signals).effective();
  }

  @Test
  void theTableHasNineteenEntriesFromThreeToEight() {
    Map<Integer, Long> byPriority =
        PriorityTable.ENTRIES.stream()
            .collect(Collectors.groupingBy(Entry::priority, Collectors.counting()));
    assertThat(byPriority).isEqualTo(Map.of(8, 9L, 7, 2L, 6, 3L, 5, 1L, 4, 2L, 3, 2L));
  }

  @Test
  void aConfigurationThatTheTableDoesNotNameIsPlayedMixed() {
    assertThat(PriorityTable.of(new ConfigKey("hex5", 2)))
        .containsExactly(new Entry(new ConfigKey("hex5", 2), "mixed", 5));
  }

  @Test
  void withoutSignalsThePriorityIsTheStaticOne() {
    assertThat(effective(Signals.NEUTRAL)).isEqualTo(5);
  }

  @ParameterizedTest
  @CsvSource({
    "square8,2,1200,0",
    "square8,2,1299,0",
    "square8,2,1300,1",
    "square8,2,1600,3",
    "square8,2,2400,3",
    "square8,3,1200,1",
    "square19,2,1200,1",
    "hexagonal,4,1200,2",
    "hexagonal,4,1900,5"
  })
  void eloBoostIsOneForEachHundredAboveTwelveHundred(
      String board, int players, double elo, int boost) {
    assertThat(Weights.eloBoost(new ConfigKey(board, players), OptionalDouble.of(elo)))
        .isEqualTo(boost);
  }

  @ParameterizedTest
  @CsvSource({"0,3", "0.5,3", "0.75,4", "1,5", "1.24,5", "1.25,6", "1.75,8", "5,8"})
  void curriculumAddsFromMinusTwoToThree(double weight, int effective) {
    assertThat(effective(signals(weight, 3, Active.NONE))).isEqualTo(effective);
  }

  @ParameterizedTest
  @CsvSource({"0,11", "1,9", "2,7", "3,5"})
  void boardOverrideAddsSixFourTwoOrNothing(int priority, int effective) {
    assertThat(effective(signals(1, priority, Active.NONE))).isEqualTo(effective);
  }

  @ParameterizedTest
  @CsvSource({"0,2", "0.4,2", "0.6,3", "1,5", "1.2,6", "1.5,7", "2,10", "9,10"})
  void rateAddsFromMinusThreeToFive(double rate, int effective) {
    assertThat(effective(signals(1, 3, active(1, 1, 1, rate)))).isEqualTo(effective);
  }

  @Test
  void boostsAndPenaltyMultiplyTheSum() {
    assertThat(effective(signals(1, 0, active(1.3, 1, 1, 1)))).isEqualTo(14);
    assertThat(effective(signals(1, 0, active(1.3, 1.3, 1, 1)))).isEqualTo(19);
    assertThat(effective(signals(1, 0, active(1, 1, 0.3, 1)))).isEqualTo(3);
    assertThat(effective(signals(1, 0, active(1.3, 1, 0.5, 1)))).isEqualTo(7);
  }

  @Test
  void thePriorityIsAtLeastOne() {
    assertThat(effective(signals(0, 3, active(1, 1, 0.3, 0)))).isEqualTo(1);
  }

  @ParameterizedTest
  @CsvSource({
    "0,100", "49,100", "50,75", "499,75", "500,50", "1999,50", "2000,25", "4999,25", "5000,0"
  })
  void fewGamesAdd(long games, int added) {
    assertThat(effective(games(games, Optional.of(Duration.ZERO)))).isEqualTo(5 + added);
  }

  @ParameterizedTest
  @CsvSource({"6,0", "6.1,1", "12,1", "12.1,3", "24.1,5", "48.1,7", "72,7", "72.1,10"})
  void timeSinceTrainingAdds(double hours, int added) {
    var since = Duration.ofSeconds(Math.round(hours * 3600));
    assertThat(effective(games(5000, Optional.of(since)))).isEqualTo(5 + added);
  }

  @Test
  void aConfigurationNeverTrainedGetsFive() {
    assertThat(effective(games(5000, Optional.empty()))).isEqualTo(10);
  }

  @ParameterizedTest
  @CsvSource({"1000,15", "1500,24", "1750,13", "2000,2", "2300,2"})
  void theGapToTheTargetEloMultiplies(double elo, int effective) {
    var signals = new Signals(1, 3, OptionalDouble.of(elo), OptionalLong.empty(), Active.NONE);
    assertThat(effective(signals)).isEqualTo(effective);
  }

  @Test
  void termsExplainThePriority() {
    var signals =
        new Signals(
            1.5, 1, OptionalDouble.of(1750), OptionalLong.of(100), active(1.3, 1, 0.7, 1.4));
    var scored = Weights.score(SQUARE8, signals);
    double sum = 0;
    double product = 1;
    for (var term : scored.terms()) {
      sum += term.factor() ? 0 : term.value();
      product *= term.factor() ? term.value() : 1;
    }
    assertThat(scored.terms())
        .extracting(Weights.Term::name)
        .containsExactly(
            "static",
            "elo_boost",
            "curriculum",
            "board_override",
            "rate",
            "games_needed",
            "staleness",
            "elo_gap",
            "exploration_boost",
            "promotion_penalty");
    assertThat(scored.effective()).isEqualTo((int) Math.round(sum * product));
  }

  private static final SelfplayConfig.Nodes LIMITS =
      new SelfplayConfig.Nodes(8L << 30, 70, 75, 0.3, 0, 48L << 30);

  @Test
  void littleMemoryLeavesTheSmallBoards() {
    var small = new Targets.Node("n", false, 8, (48L << 30) - 1, 1, "H100", 0, 0, 0, 0, 0, 0);
    var large = new Targets.Node("n", false, 8, 48L << 30, 1, "H100", 0, 0, 0, 0, 0, 0);
    for (String board : new String[] {"square19", "hexagonal"}) {
      var entry = new Entry(new ConfigKey(board, 2), "mixed", 8);
      assertThat(EngineNeeds.obstacle(entry, small, LIMITS)).contains("LOW_MEMORY");
      assertThat(EngineNeeds.obstacle(entry, large, LIMITS)).isEmpty();
    }
    for (String board : new String[] {"square8", "hex5", "hex8", "hex11"}) {
      var entry = new Entry(new ConfigKey(board, 2), "mixed", 8);
      assertThat(EngineNeeds.obstacle(entry, small, LIMITS)).isEmpty();
    }
  }

  @Test
  void modesThatNeedAGpuAreNotForNodesWithout() {
    var cpu = new Targets.Node("n", false, 8, 64L << 30, 0, "", 0, 0, 0, 0, 0, 0);
    var mcts = new Entry(new ConfigKey("square8", 2), "mcts-only", 3);
    assertThat(EngineNeeds.obstacle(SQUARE8, cpu, LIMITS)).isEmpty();
    assertThat(EngineNeeds.obstacle(mcts, cpu, LIMITS)).contains("NEEDS_GPU");
    assertThat(EngineModes.requiresGpu("nn-vs-mcts")).isTrue();
    assertThat(EngineModes.requiresGpu("descent-only")).isFalse();
  }

  @Test
  void aConfigKeyIsSplitAtItsLastUnderscore() {
    assertThat(ConfigKey.parse("c", "my_board_3p")).isEqualTo(new ConfigKey("my_board", 3));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "hex8", "hex8_5p", "hex8_2", "_2p", "Hex8_2p", "hex8_2p "})
  void whatIsNoConfigKeyIsRefused(String text) {
    assertThatThrownBy(() -> ConfigKey.parse("selfplay.configs", text))
        .isInstanceOf(Refusal.class)
        .hasMessageContaining("selfplay.configs");
  }
}
