package io.ringrift.managers.training;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringrift.training.v1.Readiness;
import io.ringrift.training.v1.ReadinessTerm;
import io.ringrift.training.v1.TrainingRun;
import io.ringrift.training.v1.TrainingState;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/// SPEC 1.6 and 5.6.
class ReadinessRulesTest {
  private static final long HOUR = 3_600_000;
  private static final TrainingConfig.Thresholds SPEC = TrainingConfig.defaults().thresholds();

  private static Readiness judge(long games, int gpus, TrainingRun... runs) {
    return ReadinessRules.judge(
        "hex8_2p",
        "nnue",
        SPEC,
        new ReadinessRules.Facts(games, 700, 0, gpus),
        List.of(runs),
        10 * HOUR);
  }

  private static TrainingRun run(TrainingState state, long totalGames, long endMillis) {
    return TrainingRun.newBuilder()
        .setTrainingId("t1")
        .setState(state)
        .setTotalGames(totalGames)
        .setCreateLedgerMillis(1)
        .setEndLedgerMillis(endMillis)
        .build();
  }

  private static TrainingRun complete(long totalGames, long endMillis) {
    return run(TrainingState.TRAINING_STATE_COMPLETE, totalGames, endMillis);
  }

  private static List<String> unmet(Readiness readiness) {
    return readiness.getTermsList().stream()
        .filter(term -> !term.getMet())
        .map(ReadinessTerm::getName)
        .toList();
  }

  @Test
  void exactlyTwoThousandGamesAreEnoughForTheFirstRun() {
    assertThat(judge(2000, 0).getReady()).isTrue();
    assertThat(unmet(judge(1999, 0))).containsExactly("min_games");
    assertThat(unmet(judge(0, 0))).containsExactly("min_games");
  }

  @Test
  void moreGpusLearnFromFewerGamesDownToAFloor() {
    assertThat(ReadinessRules.effective(2000, 500, 0)).isEqualTo(2000);
    assertThat(ReadinessRules.effective(2000, 500, 1)).isEqualTo(2000);
    assertThat(ReadinessRules.effective(2000, 500, 2)).isEqualTo(1400);
    assertThat(ReadinessRules.effective(2000, 500, 4)).isEqualTo(1000);
    assertThat(ReadinessRules.effective(2000, 500, 5)).isEqualTo(700);
    assertThat(ReadinessRules.effective(1000, 500, 8)).isEqualTo(500);
    assertThat(ReadinessRules.effective(100, 500, 8)).isEqualTo(100);
  }

  @Test
  void theNextRunWaitsForNewGamesSinceTheLastThatCompleted() {
    assertThat(judge(3000, 0, complete(2000, HOUR)).getReady()).isTrue();
    assertThat(unmet(judge(2999, 0, complete(2000, HOUR)))).containsExactly("new_games");
  }

  @Test
  void whereGamesWereLostWithTheirNodesThoseCountThatTheLastRunDidNotSee() {
    assertThat(unmet(judge(2000, 0, complete(5000, HOUR)))).containsExactly("new_games");
    var few = new TrainingConfig.Thresholds(1, 700, 1, 1, Duration.ZERO, Duration.ZERO);
    var lost =
        ReadinessRules.judge(
            "hex8_2p",
            "nnue",
            few,
            new ReadinessRules.Facts(2000, 700, 0, 0),
            List.of(complete(5000, HOUR)),
            10 * HOUR);
    assertThat(lost.getReady()).isTrue();
  }

  @Test
  void aFailedRunDoesNotUseItsGamesUpButCoolsDown() {
    var failed = run(TrainingState.TRAINING_STATE_FAILED, 2000, HOUR);
    assertThat(judge(2000, 0, failed).getReady()).isTrue();
    var justNow = run(TrainingState.TRAINING_STATE_FAILED, 2000, 10 * HOUR - 1);
    assertThat(unmet(judge(2000, 0, justNow))).containsExactly("cooldown");
  }

  @Test
  void oneRunAtATime() {
    var running = run(TrainingState.TRAINING_STATE_RUNNING, 2000, 0);
    assertThat(unmet(judge(5000, 0, running, complete(1000, HOUR)))).containsExactly("under_way");
  }

  @Test
  void theCooldownIsHalfAnHourAndShorterTheFasterGamesComeButNeverBelowFiveMinutes() {
    assertThat(ReadinessRules.effectiveCooldown(SPEC, 0)).isEqualTo(Duration.ofMinutes(30));
    assertThat(ReadinessRules.effectiveCooldown(SPEC, 2000)).isEqualTo(Duration.ofMinutes(15));
    assertThat(ReadinessRules.effectiveCooldown(SPEC, 1e9)).isEqualTo(Duration.ofSeconds(450));
    var quick =
        new TrainingConfig.Thresholds(1, 1, 1, 1, Duration.ofMinutes(6), Duration.ofMinutes(5));
    assertThat(ReadinessRules.effectiveCooldown(quick, 1e9)).isEqualTo(Duration.ofMinutes(5));
    var test = new TrainingConfig.Thresholds(1, 1, 1, 1, Duration.ofMillis(100), Duration.ZERO);
    assertThat(ReadinessRules.effectiveCooldown(test, 0)).isEqualTo(Duration.ofMillis(100));
  }
}
