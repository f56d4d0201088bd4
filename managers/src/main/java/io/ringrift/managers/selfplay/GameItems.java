package io.ringrift.managers.selfplay;

import com.google.protobuf.Duration;
import io.ringrift.job.v1.InputFile;
import io.ringrift.job.v1.JobSpec;
import io.ringrift.kernel.Pure;
import io.ringrift.managers.EngineModes;
import io.ringrift.queue.v1.WorkSpec;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

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
      return new Game(config, engine.equals(SelfplayConfig.TABLE) ? tableMode : engine, model);
    }
  }

  /// Which template plays a mode, what it is told of it, and with how many GPUs (SPEC 1.2).
  record Route(String workload, String mode, int gpus) {
    /// A mode that needs a GPU has one pinned, which keeps its items from nodes without; while no
    /// node with a GPU plays its template, heuristic-only is played in its place.
    ///
    /// @param gpuPlays whether a node with a GPU plays a template
    static Route of(SelfplayConfig.Items items, String engine, Predicate<String> gpuPlays) {
      Route route = byProgram(items, engine);
      boolean plain =
          !EngineModes.requiresGpu(route.mode())
              || items.cpuModes().getOrDefault(route.workload(), Set.of()).contains(route.mode());
      if (plain) {
        return route;
      }
      return gpuPlays.test(route.workload())
          ? new Route(route.workload(), route.mode(), 1)
          : byProgram(items, EngineModes.HEURISTIC);
    }

    /// One template for all modes is told every mode as it is.
    static Route byProgram(SelfplayConfig.Items items, String engine) {
      if (items.searchWorkload().isEmpty()) {
        return new Route(items.workload(), engine, 0);
      }
      return EngineModes.searches(engine)
          ? new Route(items.searchWorkload(), engine, 0)
          : new Route(items.workload(), EngineModes.simple(engine), 0);
    }
  }

  /// @param memoryBytes that a node has to have to play the board; 0 for any
  static WorkSpec of(Game game, Route route, int games, long seed, long memoryBytes) {
    var job =
        JobSpec.newBuilder()
            .setWorkload(route.workload())
            .setBoardType(game.config().board())
            .setNumPlayers(game.config().players())
            .setNumGames(games)
            .setEngineMode(route.mode())
            .setGpus(route.gpus())
            .setMemoryBytes(memoryBytes)
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
