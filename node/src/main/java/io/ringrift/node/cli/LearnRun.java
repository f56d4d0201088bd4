package io.ringrift.node.cli;

import io.grpc.Channel;
import io.ringrift.common.v1.ReadConsistency;
import io.ringrift.election.v1.ElectionServiceGrpc;
import io.ringrift.election.v1.GetLeadershipRequest;
import io.ringrift.election.v1.Role;
import io.ringrift.kernel.Endpoint;
import io.ringrift.kernel.Refusal;
import io.ringrift.node.client.ClusterClient;
import io.ringrift.node.local.LocalCluster;
import io.ringrift.queue.v1.ListWorkRequest;
import io.ringrift.queue.v1.QueueServiceGrpc;
import io.ringrift.queue.v1.WorkItem;
import io.ringrift.queue.v1.WorkState;
import io.ringrift.rating.v1.CompareParticipantsRequest;
import io.ringrift.rating.v1.CompareParticipantsResponse;
import io.ringrift.rating.v1.GetLadderRequest;
import io.ringrift.rating.v1.RatingServiceGrpc;
import io.ringrift.rating.v1.Rung;
import io.ringrift.training.v1.GetLineageRequest;
import io.ringrift.training.v1.GetLineageResponse;
import io.ringrift.training.v1.ListModelsRequest;
import io.ringrift.training.v1.ListPromotionsRequest;
import io.ringrift.training.v1.ListTrainingsRequest;
import io.ringrift.training.v1.ListTrainingsResponse;
import io.ringrift.training.v1.Model;
import io.ringrift.training.v1.ModelServiceGrpc;
import io.ringrift.training.v1.ModelState;
import io.ringrift.training.v1.Promotion;
import io.ringrift.training.v1.TrainingRun;
import io.ringrift.training.v1.TrainingServiceGrpc;
import io.ringrift.training.v1.TrainingState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Function;

/// The learning demo's story: a cluster that is left alone plays, trains, judges and promotes until
/// it plays better, and this looks on through the public API. One thread.
final class LearnRun {
  private static final Duration CALL = Duration.ofSeconds(5);
  private static final Duration DOWN = Duration.ofSeconds(3);
  private static final String UNTRAINED = "untrained";

  /// A copy that is behind would look like a loss.
  private static final ReadConsistency LEADERS = ReadConsistency.READ_CONSISTENCY_LEADER;

  private final LocalCluster cluster;
  private final LearnPlan plan;
  private final Path plot;
  private final Consumer<String> tell;
  private final List<String> problems = new ArrayList<>();
  private final long started = System.nanoTime();
  private final Map<String, TrainingState> told = new HashMap<>();
  private final Map<String, ModelState> toldModels = new HashMap<>();
  private final LearnWitness witness = new LearnWitness();
  private int leaderKills;
  private boolean trainerKilled;

  /// @param plot where the plot is written
  /// @param tell prints one line of progress
  LearnRun(LocalCluster cluster, LearnPlan plan, Path plot, Consumer<String> tell) {
    this.cluster = cluster;
    this.plan = plan;
    this.plot = plot;
    this.tell = tell;
  }

  /// What is known at one moment.
  private record Sight(
      ListTrainingsResponse runs,
      List<Model> models,
      List<Promotion> promotions,
      GetLineageResponse lineage,
      CompareParticipantsResponse gain) {
    long completed() {
      return runs.getRunsList().stream()
          .filter(run -> run.getState() == TrainingState.TRAINING_STATE_COMPLETE)
          .count();
    }
  }

  LearnReport run() throws IOException, InterruptedException {
    for (String node : cluster.nodes()) {
      cluster.start(node);
    }
    Optional<Sight> last = Optional.empty();
    while (!over()) {
      Optional<Sight> sight = look();
      if (sight.isPresent()) {
        last = sight;
        tellNews(sight.get());
        if (kill(sight.get())) {
          // what was seen before a node was killed says nothing of what is left
          last = Optional.empty();
        } else if (reached(sight.get())) {
          break;
        }
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(500));
    }
    if (last.isEmpty()) {
      throw new IllegalStateException(
          "the cluster said nothing of training within "
              + plan.limit().toMinutes()
              + " minutes, or nothing since a node was killed; logs are in "
              + cluster.folder());
    }
    judge(last.get());
    return report(last.get());
  }

  private boolean over() {
    return System.nanoTime() - started > plan.limit().toNanos();
  }

  private Optional<Sight> look() {
    return ask(this::sight);
  }

  private Sight sight(Channel c) {
    var models = ModelServiceGrpc.newBlockingStub(c);
    var runs =
        TrainingServiceGrpc.newBlockingStub(c)
            .listTrainings(
                ListTrainingsRequest.newBuilder()
                    .setConfigKey(plan.configKey())
                    .setWithFiles(true)
                    .setReadConsistency(LEADERS)
                    .build());
    var all =
        models
            .listModels(
                ListModelsRequest.newBuilder()
                    .setConfigKey(plan.configKey())
                    .setReadConsistency(LEADERS)
                    .build())
            .getModelsList();
    var office =
        all.stream()
            .filter(m -> m.getState() == ModelState.MODEL_STATE_PROMOTED)
            .map(Model::getModelId)
            .findFirst();
    var lineage =
        office
            .map(id -> GetLineageRequest.newBuilder().setModelId(id).build())
            .map(models::getLineage)
            .orElse(GetLineageResponse.getDefaultInstance());
    var ladder =
        RatingServiceGrpc.newBlockingStub(c)
            .getLadder(GetLadderRequest.newBuilder().setConfigKey(plan.configKey()).build())
            .getRungsList();
    return new Sight(runs, all, promotions(models), lineage, gain(c, office, ladder));
  }

  private List<Promotion> promotions(ModelServiceGrpc.ModelServiceBlockingStub models) {
    return models
        .listPromotions(
            ListPromotionsRequest.newBuilder()
                .setConfigKey(plan.configKey())
                .setReadConsistency(LEADERS)
                .build())
        .getPromotionsList();
  }

  /// Of the model in office over the untrained network; nothing before both are rated.
  private CompareParticipantsResponse gain(
      Channel channel, Optional<String> office, List<Rung> ladder) {
    return office
        .filter(id -> ladder.stream().anyMatch(rung -> rung.getParticipant().equals(id)))
        .map(
            id ->
                RatingServiceGrpc.newBlockingStub(channel)
                    .compareParticipants(
                        CompareParticipantsRequest.newBuilder()
                            .setConfigKey(plan.configKey())
                            .setParticipant(id)
                            .setOther(UNTRAINED)
                            .build()))
        .orElse(CompareParticipantsResponse.getDefaultInstance());
  }

  private List<Rung> ladder(Channel channel) {
    var ratings = RatingServiceGrpc.newBlockingStub(channel);
    var rungs =
        ratings
            .getLadder(GetLadderRequest.newBuilder().setConfigKey(plan.configKey()).build())
            .getRungsList();
    return overUntrained(
        rungs,
        participant ->
            ratings.compareParticipants(
                CompareParticipantsRequest.newBuilder()
                    .setConfigKey(plan.configKey())
                    .setParticipant(participant)
                    .setOther(UNTRAINED)
                    .build()));
  }

  /// Rungs as differences to the untrained network. The intervals of a ladder are of the distance
  /// to the mean of all; moved to another zero they would be too narrow.
  ///
  /// @param compare somebody with the untrained network
  static List<Rung> overUntrained(
      List<Rung> ladder, Function<String, CompareParticipantsResponse> compare) {
    if (ladder.stream().noneMatch(rung -> rung.getParticipant().equals(UNTRAINED))) {
      return List.of();
    }
    return ladder.stream()
        .map(
            rung -> {
              var over = compare.apply(rung.getParticipant());
              return rung.toBuilder()
                  .setRating(over.getDifference())
                  .setLow(over.getLow())
                  .setHigh(over.getHigh())
                  .build();
            })
        .toList();
  }

  private void tellNews(Sight sight) {
    for (TrainingRun run : sight.runs().getRunsList().reversed()) {
      if (told.put(run.getTrainingId(), run.getState()) != run.getState()) {
        String error = run.getError().isEmpty() ? "" : ": " + run.getError();
        tell.accept(
            "%s %s, %d games of %d%s"
                .formatted(
                    run.getTrainingId(),
                    Printer.state(run.getState()),
                    run.getGames(),
                    run.getTotalGames(),
                    error));
      }
    }
    for (Model model : sight.models().reversed()) {
      if (toldModels.put(model.getModelId(), model.getState()) != model.getState()) {
        tell.accept(model.getModelId() + " " + Printer.state(model.getState()));
      }
    }
    witness.see(sight.runs().getRunsList(), sight.models(), sight.promotions());
  }

  private boolean reached(Sight sight) {
    return sight.completed() >= plan.runs()
        && sight.promotions().size() >= plan.promotions()
        && bar(sight)
        && (!plan.kills() || (leaderKills == 2 && trainerKilled));
  }

  private static boolean bar(Sight sight) {
    return sight.gain().getDifference() >= LearnPlan.LEAST_ELO
        && sight.gain().getLow() > LearnPlan.LEAST_LOW;
  }

  /// @return whether a node was killed
  private boolean kill(Sight sight) throws IOException, InterruptedException {
    if (!plan.kills()) {
      return false;
    }
    int runs = sight.runs().getRunsCount();
    if (!trainerKilled) {
      Optional<String> trainer = trainer();
      if (trainer.isPresent()) {
        trainerKilled = true;
        killAndRestart(trainer.get(), "which trains");
        return true;
      }
    } else if (leaderKills < 2 && runs > leaderKills) {
      Optional<String> leader = leader();
      if (leader.isPresent()) {
        leaderKills++;
        killAndRestart(leader.get(), "which leads");
        return true;
      }
    }
    return false;
  }

  private void killAndRestart(String node, String why) throws IOException, InterruptedException {
    tell.accept("kill -9 of " + node + ", " + why);
    cluster.kill(node);
    LockSupport.parkNanos(DOWN.toNanos());
    cluster.start(node);
    tell.accept(node + " is started again");
  }

  /// The node that runs a training now.
  private Optional<String> trainer() {
    return ask(c ->
            QueueServiceGrpc.newBlockingStub(c)
                .listWork(
                    ListWorkRequest.newBuilder().addStates(WorkState.WORK_STATE_RUNNING).build())
                .getItemsList())
        .flatMap(
            items ->
                items.stream()
                    .filter(item -> item.getSpec().getWorkType().equals("training"))
                    .map(WorkItem::getClaimedBy)
                    .findFirst());
  }

  private Optional<String> leader() {
    for (String node : cluster.nodes()) {
      boolean leads =
          ask(
                  List.of(cluster.address(node)),
                  c ->
                      ElectionServiceGrpc.newBlockingStub(c)
                          .getLeadership(GetLeadershipRequest.getDefaultInstance()))
              .filter(answer -> answer.getRole() == Role.ROLE_LEADER)
              .isPresent();
      if (leads) {
        return Optional.of(node);
      }
    }
    return Optional.empty();
  }

  private void judge(Sight sight) {
    if (sight.completed() < plan.runs()) {
      problems.add(sight.completed() + " training runs completed, " + plan.runs() + " wanted");
    }
    if (sight.promotions().size() < plan.promotions()) {
      problems.add(sight.promotions().size() + " promotions, " + plan.promotions() + " wanted");
    }
    if (!bar(sight)) {
      problems.add(
          "the model in office is not yet %.0f Elo better than the untrained one, above %.0f for sure"
              .formatted(LearnPlan.LEAST_ELO, LearnPlan.LEAST_LOW));
    }
    problems.addAll(witness.problems());
    if (plan.kills() && (leaderKills < 2 || !trainerKilled)) {
      problems.add("there was no time for all kills");
    }
  }

  private LearnReport report(Sight sight) throws IOException {
    List<Rung> ladder = ask(this::ladder).orElse(List.of());
    Path folder = plot.toAbsolutePath().getParent();
    if (folder != null) {
      Files.createDirectories(folder);
    }
    Files.writeString(
        plot,
        EloPlot.svg(plan.configKey() + ": Elo over the untrained network", ladder.reversed()));
    return new LearnReport(
        sight.runs(),
        sight.promotions(),
        ladder,
        sight.gain(),
        sight.lineage(),
        plot.toString(),
        (System.nanoTime() - started) / 1e9,
        problems);
  }

  /// Asks whoever answers; empty when nobody does in time.
  private <T> Optional<T> ask(Function<Channel, T> call) {
    return ask(cluster.addresses(), call);
  }

  private static <T> Optional<T> ask(List<Endpoint> addresses, Function<Channel, T> call) {
    try (var client = new ClusterClient(addresses, Optional.empty(), CALL)) {
      return Optional.of(client.call(call));
    } catch (Refusal refusal) {
      return Optional.empty();
    }
  }
}
