package io.ringrift.managers.training;

import com.google.protobuf.ByteString;
import io.grpc.stub.StreamObserver;
import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.managers.LeaderHint;
import io.ringrift.managers.Replies;
import io.ringrift.managers.training.RoundRobin.Game;
import io.ringrift.managers.training.RoundRobin.Pair;
import io.ringrift.queue.v1.WorkItem;
import io.ringrift.queue.v1.WorkSpec;
import io.ringrift.rating.v1.GetTournamentRequest;
import io.ringrift.rating.v1.GetTournamentResponse;
import io.ringrift.rating.v1.ListTournamentsRequest;
import io.ringrift.rating.v1.ListTournamentsResponse;
import io.ringrift.rating.v1.StartTournamentRequest;
import io.ringrift.rating.v1.StartTournamentResponse;
import io.ringrift.rating.v1.Tournament;
import io.ringrift.rating.v1.TournamentServiceGrpc;
import io.ringrift.state.v1.AddWork;
import io.ringrift.state.v1.Command;
import io.ringrift.state.v1.ReadLearningRequest;
import io.ringrift.training.v1.Model;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/// TournamentService: a tournament is begun as all its work items in one entry of the ledger, and
/// told from them.
final class TournamentRpc extends TournamentServiceGrpc.TournamentServiceImplBase {
  private static final int PRIORITY = 80;

  /// Who plays without a model's file.
  private static final Set<String> BUILT_IN =
      Set.of(GateLoop.UNTRAINED, "random", "heuristic", "mcts");

  /// Openings of the seed that tournaments choose theirs from; each chooses by chance, so that it
  /// does not play the games of another again.
  private static final int OPENINGS = 5000;

  private final LearningClient client;
  private final Supplier<TrainingConfig.Gauntlets> gauntlets;
  private final LeaderHint hint;
  private final LongSupplier chance;

  /// @param chance 64 random bits at a call
  TournamentRpc(
      LearningClient client,
      Supplier<TrainingConfig.Gauntlets> gauntlets,
      LeaderHint hint,
      LongSupplier chance) {
    this.client = client;
    this.gauntlets = gauntlets;
    this.hint = hint;
    this.chance = chance;
  }

  @Override
  public void startTournament(
      StartTournamentRequest request, StreamObserver<StartTournamentResponse> observer) {
    Replies.unary(
        observer,
        () -> {
          Epoch epoch = hint.requireLeader();
          var key = key(request.getRequestId());
          String id = RoundRobin.PREFIX + key.toString().replace("-", "").substring(0, 12);
          boolean duplicate = client.apply(epoch, begin(id, key, checked(request))).getDuplicate();
          return StartTournamentResponse.newBuilder()
              .setTournament(read(id))
              .setDuplicate(duplicate)
              .build();
        });
  }

  private static StartTournamentRequest checked(StartTournamentRequest request) {
    if (!request.getConfigKey().matches("[a-z0-9]{1,20}_2p")) {
      throw Refusal.invalid(
          "config_key", request.getConfigKey(), "a board and two players, hex5_2p for example");
    }
    int pairs = request.getPairs();
    if (pairs < 0 || pairs > RoundRobin.MOST_PAIRS) {
      throw Refusal.invalid("pairs", Integer.toString(pairs), "0 to " + RoundRobin.MOST_PAIRS);
    }
    return request.toBuilder().setPairs(Math.max(1, pairs)).build();
  }

  /// The same for the same request, so that repeating it names the same items.
  private UUID key(String requestId) {
    return requestId.isEmpty()
        ? new UUID(chance.getAsLong(), chance.getAsLong())
        : UUID.nameUUIDFromBytes(requestId.getBytes(StandardCharsets.UTF_8));
  }

  private Command.Builder begin(String id, UUID key, StartTournamentRequest request) {
    var meetings = RoundRobin.pairs(request.getParticipantsList());
    var models = models(request);
    int skip = Math.floorMod(key.getLeastSignificantBits(), OPENINGS - request.getPairs());
    var add = AddWork.newBuilder();
    for (int i = 0; i < meetings.size(); i++) {
      add.addWorkIds(id + "-" + (i + 1)).addItems(item(id, request, meetings.get(i), models, skip));
    }
    var command = Command.newBuilder().setAddWork(add).setRequestId(request.getRequestId());
    if (!request.getRequestId().isEmpty()) {
      // What is configured for gauntlets is no part of what was asked for.
      command.setBodyDigest(
          ByteString.copyFromUtf8(
              "tournament %s %d %s"
                  .formatted(
                      request.getConfigKey(),
                      request.getPairs(),
                      String.join(" ", request.getParticipantsList()))));
    }
    return command;
  }

  private Map<String, Model> models(StartTournamentRequest request) {
    var known = new HashMap<String, Model>();
    client
        .learning(ReadLearningRequest.newBuilder().setConfigKey(request.getConfigKey()))
        .getModelsList()
        .forEach(model -> known.put(model.getModelId(), model));
    for (String participant : request.getParticipantsList()) {
      if (!known.containsKey(participant) && !BUILT_IN.contains(participant)) {
        throw new Refusal(
            Reason.MODEL_NOT_FOUND,
            "no model "
                + participant
                + " of "
                + request.getConfigKey()
                + " is known; ringrift model list shows those that are, and untrained, random,"
                + " heuristic and mcts play without one");
      }
    }
    return known;
  }

  private WorkSpec item(
      String id, StartTournamentRequest request, Pair who, Map<String, Model> models, int skip) {
    var set = gauntlets.get();
    var job =
        LearningClient.job(request.getConfigKey(), set.workload(), RatingLoop.SEED)
            .setNumGames(2 * request.getPairs())
            .putAllParams(set.params())
            .putParams("skip_openings", Integer.toString(skip))
            .putParams("openings_total", Integer.toString(OPENINGS));
    Map.of("a", who.one(), "b", who.other())
        .forEach(
            (side, name) -> {
              var model = Optional.ofNullable(models.get(name));
              job.putParams(side, model.map(Model::getPath).orElse(name));
              model.ifPresent(
                  one -> job.addInputs(LearningClient.input(one.getPath(), one.getSha256())));
            });
    return Items.spec("tournament", job, PRIORITY, set.timeout()).toBuilder()
        .setPayload(Game.payload(id, request.getConfigKey(), who.one(), who.other()))
        .build();
  }

  private Tournament read(String id) {
    List<WorkItem> items = id.startsWith(RoundRobin.PREFIX) ? client.items(id + "-") : List.of();
    var games = RoundRobin.byTournament(items).get(id);
    if (games == null) {
      throw new Refusal(
          Reason.WORK_NOT_FOUND,
          "no tournament "
              + id
              + " is known; one is forgotten a day after its games, and these stay on the ladder."
              + " See tournament list");
    }
    return RoundRobin.describe(games);
  }

  @Override
  public void getTournament(
      GetTournamentRequest request, StreamObserver<GetTournamentResponse> observer) {
    Replies.unary(
        observer,
        () -> {
          var _ = hint.requireLeader();
          return GetTournamentResponse.newBuilder()
              .setTournament(read(request.getTournamentId()))
              .build();
        });
  }

  @Override
  public void listTournaments(
      ListTournamentsRequest request, StreamObserver<ListTournamentsResponse> observer) {
    Replies.unary(
        observer,
        () -> {
          var _ = hint.requireLeader();
          String config = request.getConfigKey();
          var answer = ListTournamentsResponse.newBuilder();
          RoundRobin.byTournament(client.items(RoundRobin.PREFIX)).values().stream()
              .map(RoundRobin::describe)
              .filter(one -> config.isEmpty() || one.getConfigKey().equals(config))
              .forEach(one -> answer.addTournaments(one.toBuilder().clearMeetings()));
          return answer.build();
        });
  }
}
