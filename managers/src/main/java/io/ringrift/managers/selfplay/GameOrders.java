package io.ringrift.managers.selfplay;

import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.ringrift.common.v1.Fence;
import io.ringrift.job.v1.CheckJobsRequest;
import io.ringrift.job.v1.JobServiceGrpc;
import io.ringrift.job.v1.JobSpec;
import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.wire.Errors;
import io.ringrift.managers.Services;
import io.ringrift.selfplay.v1.GameShare;
import io.ringrift.selfplay.v1.PlayGamesRequest;
import io.ringrift.selfplay.v1.PlayGamesResponse;
import io.ringrift.state.v1.AddWork;
import io.ringrift.state.v1.ApplyCommandRequest;
import io.ringrift.state.v1.Command;
import io.ringrift.state.v1.CommandResult;
import io.ringrift.state.v1.StateServiceGrpc;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/// Games by hand (SPEC 5.4, run_distributed_selfplay): split over the nodes that play, and put into
/// the queue as items no larger than those of the populator, all in one entry of the ledger.
/// Whoever claims an item plays it, so that a node that dies holds up nothing. Blocks on RPC at
/// this node; any thread.
final class GameOrders {
  private static final long DEADLINE_SECONDS = 10;
  private static final int MOST_GAMES = 1_000_000;

  /// Most items of one entry.
  private static final int MOST_ITEMS = 100;

  /// What the ledger refuses a command without items for, after it has looked for the request id.
  private static final Set<Reason> NEW_ORDER = Set.of(Reason.INVALID_ARGUMENT, Reason.BACKPRESSURE);

  private final Services services;
  private final Supplier<SelfplayConfig> config;
  private final BestModel models;
  private final LongSupplier chance;

  /// @param chance 64 random bits at a call
  GameOrders(
      Services services, Supplier<SelfplayConfig> config, BestModel models, LongSupplier chance) {
    this.services = services;
    this.config = config;
    this.models = models;
    this.chance = chance;
  }

  /// @throws Refusal INVALID_ARGUMENT naming the field, or what the queue says
  PlayGamesResponse play(Epoch epoch, PlayGamesRequest request) {
    var key = ConfigKey.parse("config_key", request.getConfigKey());
    int games = request.getGames();
    if (games < 1 || games > MOST_GAMES) {
      throw Refusal.invalid("games", Integer.toString(games), "1 to " + MOST_GAMES);
    }
    try {
      return answer(request, apply(epoch, request, add(key, request)));
    } catch (StatusRuntimeException e) {
      throw Errors.fromStatus(e);
    } catch (Refusal why) {
      return before(epoch, request).orElseThrow(() -> why);
    }
  }

  /// The answer to the same order before, which settings of the moment do not change. Without items
  /// nothing can be added: the ledger knows the request id, or refuses the command.
  private Optional<PlayGamesResponse> before(Epoch epoch, PlayGamesRequest request) {
    if (request.getRequestId().isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(answer(request, apply(epoch, request, AddWork.newBuilder())));
    } catch (StatusRuntimeException e) {
      var refusal = Errors.fromStatus(e);
      if (NEW_ORDER.contains(refusal.reason())) {
        return Optional.empty();
      }
      throw refusal;
    }
  }

  private AddWork.Builder add(ConfigKey key, PlayGamesRequest request) {
    var set = config.get();
    int perItem = set.items().games();
    checkItems(request.getGames(), perItem);
    var model = models.of(key.toString());
    String mode = request.getEngineMode();
    var game =
        mode.isEmpty()
            ? GameItems.Game.configured(
                set.items(), key, PriorityTable.of(key).getFirst().mode(), model)
            : new GameItems.Game(key, mode, model);
    var nodes = nodes();
    var route = GameItems.Route.of(set.items(), game.engine(), nodes::gpuPlays);
    // Without a node that plays, an item waits for one.
    long memory = set.nodes().memoryBytes(key.board());
    long least = Math.max(memory, set.nodes().minMemoryBytes());
    int workers = Math.clamp(nodes.playing(route, least), 1, MOST_ITEMS);
    var add = AddWork.newBuilder();
    for (int games : Shares.items(request.getGames(), workers, perItem, MOST_ITEMS)) {
      add.addItems(GameItems.of(game, route, games, seed(), memory));
    }
    // The mode as it was asked for: what it is played as is always a known one.
    check(add.getItems(0).getJob().toBuilder().setEngineMode(game.engine()).build(), request);
    return add;
  }

  /// An item has to be played within an attempt, so none has more games than those of the
  /// populator.
  private static void checkItems(int games, int perItem) {
    long most = (long) MOST_ITEMS * perItem;
    if (games > most) {
      throw Refusal.invalid(
          "games",
          Integer.toString(games),
          "at most %d, which are %d items of selfplay.games_per_item (%d) games; order the rest in"
                  .formatted(most, MOST_ITEMS, perItem)
              + " orders of their own");
    }
  }

  /// Positive, so that it reads the same signed and unsigned; 0 would leave the choice to others.
  private long seed() {
    return Math.max(1, chance.getAsLong() & Long.MAX_VALUE);
  }

  private Claimants nodes() {
    return new Claimants(new NodeViews(services, config).views());
  }

  /// By the rules of all jobs: what no node could begin does not come into the queue.
  private void check(JobSpec job, PlayGamesRequest request) {
    var specs = CheckJobsRequest.newBuilder().addSpecs(job).build();
    try {
      var _ =
          JobServiceGrpc.newBlockingStub(services.local())
              .withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS)
              .checkJobs(specs);
    } catch (StatusRuntimeException e) {
      // A node that serves no jobs has no rules for them.
      if (e.getStatus().getCode() != Status.Code.UNIMPLEMENTED) {
        throw ofRequest(Errors.fromStatus(e), job, request);
      }
    }
  }

  /// The refusal in the words of the request.
  private static Refusal ofRequest(Refusal why, JobSpec job, PlayGamesRequest request) {
    Map<String, String> details = why.details();
    String rule = details.getOrDefault("rule", why.text());
    return switch (details.getOrDefault("field", "")) {
      case "board_type", "num_players" ->
          Refusal.invalid("config_key", request.getConfigKey(), "a known board: " + rule);
      case "engine_mode" -> Refusal.invalid("engine_mode", job.getEngineMode(), rule);
      case "num_games" -> Refusal.invalid("games", Integer.toString(request.getGames()), rule);
      default -> why;
    };
  }

  private CommandResult apply(Epoch epoch, PlayGamesRequest request, AddWork.Builder add) {
    var command = Command.newBuilder().setRequestId(request.getRequestId()).setAddWork(add);
    if (!request.getRequestId().isEmpty()) {
      // Nodes and settings of the moment are no part of what was asked for.
      command.setBodyDigest(
          ByteString.copyFromUtf8(
              "games %s %d %s"
                  .formatted(request.getConfigKey(), request.getGames(), request.getEngineMode())));
    }
    return StateServiceGrpc.newBlockingStub(services.local())
        .withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS)
        .applyCommand(
            ApplyCommandRequest.newBuilder()
                .setFence(Fence.newBuilder().setEpoch(epoch.value()))
                .setCommand(command)
                .build())
        .getResult();
  }

  private static PlayGamesResponse answer(PlayGamesRequest request, CommandResult result) {
    var job = result.getItems(0).getSpec().getJob();
    var answer =
        PlayGamesResponse.newBuilder()
            .setConfigKey(request.getConfigKey())
            .setEngineMode(job.getEngineMode())
            .setWorkload(job.getWorkload())
            .setGames(request.getGames())
            .setDuplicate(result.getDuplicate());
    result
        .getItemsList()
        .forEach(
            item ->
                answer.addShares(
                    GameShare.newBuilder()
                        .setWorkId(item.getWorkId())
                        .setGames(item.getSpec().getJob().getNumGames())));
    return answer.build();
  }
}
