package io.ringrift.managers.training;

import io.ringrift.kernel.Pure;
import io.ringrift.training.v1.Readiness;
import io.ringrift.training.v1.ReadinessTerm;
import io.ringrift.training.v1.TrainingRun;
import io.ringrift.training.v1.TrainingState;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// Whether a configuration is trained now (SPEC 1.6 and 5.6). The explanation is the decision.
@Pure
final class ReadinessRules {
  /// Games an hour that bring no cooldown down.
  private static final double USUAL_RATE = 1000;

  private static final double SLOWEST = 0.5;
  private static final double FASTEST = 4;

  /// Longest that the cooldown may become (SPEC 1.6).
  private static final Duration LONGEST_COOLDOWN = Duration.ofHours(2);

  private ReadinessRules() {}

  /// What is known of one configuration.
  ///
  /// @param totalGames games in the cluster
  /// @param unseenGames games that a run would take and the last one did not
  /// @param gamesPerHour how fast they come
  /// @param gpus of nodes that may train
  record Facts(long totalGames, long unseenGames, double gamesPerHour, int gpus) {}

  /// Judges one configuration.
  ///
  /// @param runs of this configuration and kind, newest first
  /// @param ledgerMillis now
  static Readiness judge(
      String configKey,
      String kind,
      TrainingConfig.Thresholds thresholds,
      Facts facts,
      List<TrainingRun> runs,
      long ledgerMillis) {
    Optional<TrainingRun> last = runs.stream().findFirst();
    Optional<TrainingRun> trained =
        runs.stream()
            .filter(run -> run.getState() == TrainingState.TRAINING_STATE_COMPLETE)
            .findFirst();
    var terms =
        List.of(
            atLeast(
                "min_games",
                facts.totalGames(),
                effective(thresholds.minGames(), thresholds.minGamesFloor(), facts.gpus())),
            trained.isEmpty()
                ? met("new_games", "never trained")
                : atLeast(
                    "new_games",
                    since(trained.get(), facts),
                    effective(thresholds.newGames(), thresholds.newGamesFloor(), facts.gpus())),
            cooldown(thresholds, facts, last, ledgerMillis),
            underWay(last));
    return Readiness.newBuilder()
        .setConfigKey(configKey)
        .setKind(kind)
        .addAllTerms(terms)
        .setReady(terms.stream().allMatch(ReadinessTerm::getMet))
        .build();
  }

  /// Where games were lost with their nodes, the total says nothing of what is new.
  private static long since(TrainingRun trained, Facts facts) {
    long more = facts.totalGames() - trained.getTotalGames();
    return more >= 0 ? more : facts.unseenGames();
  }

  /// More GPUs learn from fewer games.
  static int effective(int base, int floor, int gpus) {
    double scale = gpus <= 1 ? 1 : gpus <= 2 ? 0.7 : gpus <= 4 ? 0.5 : 0.35;
    // Times a hundred in whole numbers, for 0.7 of 1000 is not quite 700 in binary.
    return Math.max(Math.min(base, floor), (int) (base * Math.round(scale * 100) / 100));
  }

  /// The faster games come, the sooner the next run.
  static Duration effectiveCooldown(TrainingConfig.Thresholds thresholds, double gamesPerHour) {
    double rate = Math.clamp(gamesPerHour / USUAL_RATE, SLOWEST, FASTEST);
    long millis = (long) (thresholds.cooldown().toMillis() / Math.max(1, rate));
    return Duration.ofMillis(
        Math.clamp(
            millis,
            Math.min(thresholds.shortestCooldown().toMillis(), thresholds.cooldown().toMillis()),
            Math.max(LONGEST_COOLDOWN.toMillis(), thresholds.shortestCooldown().toMillis())));
  }

  private static ReadinessTerm cooldown(
      TrainingConfig.Thresholds thresholds,
      Facts facts,
      Optional<TrainingRun> last,
      long ledgerMillis) {
    if (last.isEmpty()) {
      return met("cooldown", "never trained");
    }
    long since =
        ledgerMillis
            - Math.max(last.get().getCreateLedgerMillis(), last.get().getEndLedgerMillis());
    Duration wanted = effectiveCooldown(thresholds, facts.gamesPerHour());
    return term(
        "cooldown",
        since / 1000.0 + " s since the last run",
        "at least " + wanted.toMillis() / 1000.0 + " s",
        since >= wanted.toMillis());
  }

  private static ReadinessTerm underWay(Optional<TrainingRun> last) {
    boolean running =
        last.filter(run -> run.getState() == TrainingState.TRAINING_STATE_RUNNING).isPresent();
    return term(
        "under_way",
        running ? last.get().getTrainingId() + " is under way" : "no run",
        "no run",
        !running);
  }

  private static ReadinessTerm atLeast(String name, long actual, long wanted) {
    return term(name, Long.toString(actual), "at least " + wanted, actual >= wanted);
  }

  private static ReadinessTerm met(String name, String actual) {
    return term(name, actual, "", true);
  }

  private static ReadinessTerm term(String name, String actual, String wanted, boolean met) {
    return ReadinessTerm.newBuilder()
        .setName(name)
        .setActual(actual)
        .setWanted(wanted)
        .setMet(met)
        .build();
  }
}
