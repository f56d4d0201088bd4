package io.ringrift.managers.training;

import io.ringrift.training.v1.GatePolicy;
import io.ringrift.training.v1.SequentialTest;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/// What an operator says about learning.
///
/// @param configs configurations that are trained, `hex5_2p`; none turns the loops off
/// @param trainer how runs are made
/// @param thresholds when a run is begun
/// @param gate how candidates are judged
/// @param interval gap between rounds of the loops
public record TrainingConfig(
    List<String> configs,
    Trainer trainer,
    Thresholds thresholds,
    Gauntlets gate,
    Duration interval) {
  public TrainingConfig {
    configs = List.copyOf(configs);
  }

  /// @param workload template of a run
  /// @param params values of its parameters
  /// @param mostFiles most game files of a run, the newest ones (SPEC 13: 64)
  /// @param timeout longest attempt
  /// @param minMemoryGib least memory of a node that trains (SPEC 5.6)
  /// @param patience how long a run is kept for a better node than those that ask for it
  public record Trainer(
      String workload,
      Map<String, String> params,
      int mostFiles,
      Duration timeout,
      int minMemoryGib,
      Duration patience) {
    public Trainer {
      params = Map.copyOf(params);
    }

    /// Nine tenths of the setting, for a machine sold with so much tells of less.
    public long minMemoryBytes() {
      return ((long) minMemoryGib << 30) / 10 * 9;
    }
  }

  /// SPEC 1.6.
  ///
  /// @param minGames games before the first run, with one GPU or none
  /// @param newGames games that have to come between two runs
  /// @param minGamesFloor least that more GPUs may bring `minGames` down to
  /// @param newGamesFloor least that they may bring `newGames` down to
  /// @param cooldown between two runs at a usual rate of games
  /// @param shortestCooldown least that a high rate of games may bring it down to
  public record Thresholds(
      int minGames,
      int newGames,
      int minGamesFloor,
      int newGamesFloor,
      Duration cooldown,
      Duration shortestCooldown) {}

  /// @param workload template of a gauntlet
  /// @param params values of its parameters
  /// @param policy when a candidate passes
  /// @param pairsPerChunk pairs of games of one work item
  /// @param chunksAtOnce work items of one gate that wait or run
  /// @param ratingPairs pairs that a model plays for its rating against each opponent; 0 for none
  /// @param timeout longest attempt
  public record Gauntlets(
      String workload,
      Map<String, String> params,
      GatePolicy policy,
      int pairsPerChunk,
      int chunksAtOnce,
      int ratingPairs,
      Duration timeout) {
    public Gauntlets {
      params = Map.copyOf(params);
    }
  }

  /// The same with another gap between rounds.
  public TrainingConfig every(Duration gap) {
    return new TrainingConfig(configs, trainer, thresholds, gate, gap);
  }

  /// SPEC's figures, with nothing to train.
  public static TrainingConfig defaults() {
    return new TrainingConfig(
        List.of(),
        new Trainer("hex-train", Map.of(), 64, Duration.ofHours(24), 8, Duration.ofSeconds(30)),
        new Thresholds(2000, 1000, 500, 200, Duration.ofMinutes(30), Duration.ofMinutes(5)),
        new Gauntlets(
            "hex-gauntlet",
            Map.of(),
            GatePolicy.newBuilder()
                .setSequential(
                    SequentialTest.newBuilder()
                        .setAlpha(0.05)
                        .setBeta(0.05)
                        .setElo0(0)
                        .setElo1(35)
                        .setMostPairs(1000))
                .build(),
            20,
            2,
            50,
            Duration.ofHours(2)),
        Duration.ofSeconds(15));
  }
}
