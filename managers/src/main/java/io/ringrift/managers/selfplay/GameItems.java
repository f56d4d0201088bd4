package io.ringrift.managers.selfplay;

import com.google.protobuf.Duration;
import io.ringrift.job.v1.InputFile;
import io.ringrift.job.v1.JobSpec;
import io.ringrift.kernel.Pure;
import io.ringrift.queue.v1.WorkSpec;
import java.util.Optional;

/// Work items of self-play.
@Pure
final class GameItems {
  private static final int PRIORITY = 50;
  private static final long LONGEST_RUN_SECONDS = 7200;

  private GameItems() {}

  /// What is played where, and by whom.
  ///
  /// @param engine engine mode
  /// @param model what it plays with; empty is the untrained network
  record Game(ConfigKey config, String engine, Optional<InputFile> model) {
    /// As configured: `engine` without a model in office, `model_engine` with one.
    ///
    /// @param tableMode stands for `table`
    static Game configured(
        SelfplayConfig.Items items, ConfigKey config, String tableMode, Optional<InputFile> model) {
      String engine = model.isPresent() ? items.modelEngine() : items.engine();
      return new Game(
          config, engine.equals(SelfplayConfig.TABLE) ? tableMode : engine, model);
    }
  }

  static WorkSpec of(SelfplayConfig.Items items, Game game, int games, long seed) {
    var job =
        JobSpec.newBuilder()
            .setWorkload(items.workload())
            .setBoardType(game.config().board())
            .setNumPlayers(game.config().players())
            .setNumGames(games)
            .setEngineMode(game.engine())
            .setSeed(seed);
    game.model().ifPresent(file -> job.putParams("model", file.getPath()).addInputs(file));
    return WorkSpec.newBuilder()
        .setWorkType("selfplay")
        .setPriority(PRIORITY)
        .setTimeout(Duration.newBuilder().setSeconds(LONGEST_RUN_SECONDS))
        .setJob(job)
        .build();
  }
}
