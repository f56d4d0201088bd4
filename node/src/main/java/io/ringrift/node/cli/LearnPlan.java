package io.ringrift.node.cli;

import io.ringrift.kernel.Refusal;
import java.time.Duration;

/// What the learning demo has to reach, and how the cluster is set up for it.
///
/// @param board hex5 to hex11
/// @param runs training runs that have to complete
/// @param promotions models that have to take office
/// @param limit longest time
/// @param kills kill -9 of the leader twice and of the node that trains once
record LearnPlan(String board, int runs, int promotions, Duration limit, boolean kills) {
  /// The model in office has to be so much better than the untrained network.
  static final double LEAST_ELO = 150;

  /// And the lower end of the 95 % interval of that difference so much.
  static final double LEAST_LOW = 100;

  private static final int LONGEST_MINUTES = 24 * 60;
  private static final int SHORT_MINUTES = 10;

  /// A short demo has to show one run and one promotion, a longer one three and two.
  static LearnPlan of(String board, int minutes, boolean kills) {
    if (minutes < 1 || minutes > LONGEST_MINUTES) {
      throw Refusal.invalid("--minutes", Integer.toString(minutes), "1 to " + LONGEST_MINUTES);
    }
    boolean small = minutes < SHORT_MINUTES;
    return new LearnPlan(board, small ? 1 : 3, small ? 1 : 2, Duration.ofMinutes(minutes), kills);
  }

  String configKey() {
    return board + "_2p";
  }

  /// Thresholds that a small machine reaches within minutes.
  String config() {
    return """
    selfplay:
      enabled: true
      configs: [%1$s]
      engine: nn
      model_engine: nn
      games_per_item: 100
      min_queue_depth: 3
      target_queue_depth: 5
    training:
      configs: [%1$s]
      min_games: 600
      new_games: 600
      min_games_floor: 600
      new_games_floor: 600
      cooldown: 1s
      shortest_cooldown: 1s
      interval: 1s
      max_files: 20
      min_memory_gb: 0
      params: {epochs: "8", window: "2000"}
      gate: {rule: sequential, alpha: 0.05, beta: 0.05, elo0: 0, elo1: 100, most_pairs: 200,
             pairs_per_chunk: 20, chunks_at_once: 2}
      rating_pairs: 60
    loops:
      manifest_collection: {interval: 2s}
      data_sync: {interval: 3s}
      queue_populator: {interval: 2s}
    """
        .formatted(configKey());
  }
}
