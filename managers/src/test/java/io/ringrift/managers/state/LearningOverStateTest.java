package io.ringrift.managers.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.stub.StreamObserver;
import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.Membership;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.time.Ticker;
import io.ringrift.managers.LoopSpec;
import io.ringrift.managers.Services;
import io.ringrift.managers.training.TrainingConfig;
import io.ringrift.managers.training.TrainingCoordinator;
import io.ringrift.placement.v1.ListNodesRequest;
import io.ringrift.placement.v1.ListNodesResponse;
import io.ringrift.placement.v1.PlacementServiceGrpc;
import io.ringrift.queue.v1.ClaimRef;
import io.ringrift.queue.v1.ClaimWorkRequest;
import io.ringrift.queue.v1.CompleteWorkRequest;
import io.ringrift.queue.v1.FailWorkRequest;
import io.ringrift.queue.v1.WorkItem;
import io.ringrift.rating.v1.GetLadderRequest;
import io.ringrift.rating.v1.RatingServiceGrpc;
import io.ringrift.rating.v1.Rung;
import io.ringrift.sync.v1.ClusterFile;
import io.ringrift.sync.v1.FileEntry;
import io.ringrift.sync.v1.ListClusterFilesRequest;
import io.ringrift.sync.v1.ListClusterFilesResponse;
import io.ringrift.sync.v1.SyncServiceGrpc;
import io.ringrift.training.v1.DispatchTrainingRequest;
import io.ringrift.training.v1.ExplainTrainingRequest;
import io.ringrift.training.v1.FixedShare;
import io.ringrift.training.v1.GatePolicy;
import io.ringrift.training.v1.GateState;
import io.ringrift.training.v1.GetLineageRequest;
import io.ringrift.training.v1.ListGatesRequest;
import io.ringrift.training.v1.ListModelsRequest;
import io.ringrift.training.v1.ListTrainingsRequest;
import io.ringrift.training.v1.Model;
import io.ringrift.training.v1.ModelServiceGrpc;
import io.ringrift.training.v1.ModelState;
import io.ringrift.training.v1.RollBackModelRequest;
import io.ringrift.training.v1.TrainingRun;
import io.ringrift.training.v1.TrainingServiceGrpc;
import io.ringrift.training.v1.TrainingState;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// The loops of learning over the real state and queue: the test plays the workers and the clock.
class LearningOverStateTest extends QueueBed {
  private static final String CONFIG = "hex5_2p";

  private final AtomicLong chance = new AtomicLong(1);
  private final List<ClusterFile> files = new CopyOnWriteArrayList<>();
  private @Nullable TrainingCoordinator coordinator;

  private static TrainingConfig config() {
    var usual = TrainingConfig.defaults();
    return new TrainingConfig(
        List.of(CONFIG),
        usual.trainer(),
        new TrainingConfig.Thresholds(100, 50, 1, 1, Duration.ZERO, Duration.ZERO),
        new TrainingConfig.Gauntlets(
            "hex-gauntlet",
            Map.of(),
            GatePolicy.newBuilder()
                .setFixed(FixedShare.newBuilder().setPairs(4).setLeastShare(0.55))
                .build(),
            2,
            2,
            2,
            Duration.ofHours(1)),
        Duration.ofSeconds(1));
  }

  @Override
  void serve(InProcessServerBuilder builder, Membership membership, Services services) {
    var learning =
        new TrainingCoordinator(
            consensus, membership, services, config(), Ticker.system(), chance::getAndIncrement);
    learning.services().forEach(builder::addService);
    coordinator = learning;
    builder.addService(new Files());
    builder.addService(new Nodes());
  }

  /// Lists the files of the test.
  private final class Files extends SyncServiceGrpc.SyncServiceImplBase {
    @Override
    public void listClusterFiles(
        ListClusterFilesRequest request, StreamObserver<ListClusterFilesResponse> observer) {
      observer.onNext(ListClusterFilesResponse.newBuilder().addAllFiles(files).build());
      observer.onCompleted();
    }
  }

  /// Knows no nodes.
  private static final class Nodes extends PlacementServiceGrpc.PlacementServiceImplBase {
    @Override
    public void listNodes(ListNodesRequest request, StreamObserver<ListNodesResponse> observer) {
      observer.onNext(ListNodesResponse.getDefaultInstance());
      observer.onCompleted();
    }
  }

  private void play(int number, long games) {
    files.add(
        ClusterFile.newBuilder()
            .setEntry(
                FileEntry.newBuilder()
                    .setPath("selfplay/hex5_2p/g" + number + ".db")
                    .setSha256("%064x".formatted(number))
                    .setGameCount(games))
            .build());
  }

  private void round(String loop) throws InterruptedException {
    for (LoopSpec spec : Objects.requireNonNull(coordinator).loops()) {
      if (spec.name().equals(loop)) {
        spec.round().run(Optional.of(new Epoch(1)));
      }
    }
  }

  private TrainingServiceGrpc.TrainingServiceBlockingStub training() {
    return TrainingServiceGrpc.newBlockingStub(channel).withDeadlineAfter(20, TimeUnit.SECONDS);
  }

  private ModelServiceGrpc.ModelServiceBlockingStub models() {
    return ModelServiceGrpc.newBlockingStub(channel).withDeadlineAfter(20, TimeUnit.SECONDS);
  }

  private List<TrainingRun> runs() {
    return training()
        .listTrainings(ListTrainingsRequest.newBuilder().setWithFiles(true).build())
        .getRunsList();
  }

  private List<Model> all() {
    return models().listModels(ListModelsRequest.getDefaultInstance()).getModelsList();
  }

  private List<WorkItem> claimAll(String capability) {
    return queue()
        .claimWork(
            ClaimWorkRequest.newBuilder()
                .setWorkerId("w1")
                .addCapabilities(capability)
                .setAcceptAnyWorkload(true)
                .setMaxItems(32)
                .build())
        .getItemsList();
  }

  private static ClaimRef claim(WorkItem item) {
    return ClaimRef.newBuilder()
        .setWorkId(item.getWorkId())
        .setClaimToken(item.getClaimToken())
        .setWorkerId("w1")
        .build();
  }

  private void complete(WorkItem item, String output) {
    var _ =
        queue()
            .completeWork(
                CompleteWorkRequest.newBuilder()
                    .setClaim(claim(item))
                    .setResult("{}")
                    .setOutput(output)
                    .build());
  }

  private static String trained(int number) {
    return "{\"model\":\"models/hex5_2p/m%d.bin\",\"sha256\":\"%s\",\"loss\":1.5}"
        .formatted(number, "%02d".formatted(number).repeat(32));
  }

  private static String id(int number) {
    return CONFIG + "-" + "%02d".formatted(number).repeat(6);
  }

  /// One run from its games to its candidate.
  private void train(int number) throws InterruptedException {
    play(number, 100);
    round("training");
    round("training");
    var items = claimAll("training");
    assertThat(items).hasSize(1);
    complete(items.getFirst(), trained(number));
    round("training");
  }

  private void judge(String outcomes) throws InterruptedException {
    round("validation");
    round("validation");
    for (WorkItem item : claimAll("gauntlet")) {
      complete(item, "{\"outcomes\":\"" + outcomes + "\"}");
    }
    round("validation");
  }

  @Test
  void gamesBecomeAModelInOfficeThatIsRated() throws InterruptedException {
    train(1);
    assertThat(all()).extracting(Model::getModelId).containsExactly(id(1));
    assertThat(all().getFirst().getMetricsMap()).containsEntry("loss", "1.5");
    judge("aaaa");
    assertThat(all().getFirst().getState()).isEqualTo(ModelState.MODEL_STATE_PROMOTED);
    assertThat(Objects.requireNonNull(coordinator).modelInOffice(CONFIG))
        .hasValueSatisfying(file -> assertThat(file.getPath()).isEqualTo("models/hex5_2p/m1.bin"));
    round("rating_games");
    for (WorkItem item : claimAll("gauntlet")) {
      complete(item, "{\"outcomes\":\"aaab\"}");
    }
    round("rating_games");
    round("rating_games");
    var ladder =
        RatingServiceGrpc.newBlockingStub(channel)
            .getLadder(GetLadderRequest.newBuilder().setConfigKey(CONFIG).build());
    assertThat(ladder.getMatches()).isEqualTo(4);
    assertThat(ladder.getRungsList())
        .extracting(Rung::getParticipant)
        .containsExactly(id(1), "untrained");
    assertThat(ladder.getRungs(0).getWins()).isEqualTo(3);
  }

  @Test
  void theItemOfARunNamesTheRunsFilesAndTheParentAndNothingElse() throws InterruptedException {
    train(1);
    judge("aaaa");
    play(2, 100);
    round("training");
    round("training");
    var item = claimAll("training").getFirst();
    assertThat(item.getWorkId()).isEqualTo(runs().getFirst().getTrainingId());
    assertThat(item.getSpec().getJob().getInputsList())
        .extracting(input -> input.getPath())
        .containsExactlyInAnyOrder(
            "selfplay/hex5_2p/g1.db", "selfplay/hex5_2p/g2.db", "models/hex5_2p/m1.bin");
    assertThat(item.getSpec().getJob().getParamsMap())
        .containsEntry("parent", "models/hex5_2p/m1.bin");
  }

  @Test
  void aTriggerThatComesTwiceBeginsOneRun() throws InterruptedException {
    play(1, 100);
    for (int i = 0; i < 5; i++) {
      round("training");
    }
    assertThat(runs()).hasSize(1);
    assertThat(claimAll("training")).hasSize(1);
    assertThatThrownBy(
            () ->
                training()
                    .dispatchTraining(
                        DispatchTrainingRequest.newBuilder().setConfigKey(CONFIG).build()))
        .satisfies(e -> assertThat(reasonOf(e)).isEqualTo(Reason.TRAINING_REFUSED));
  }

  @Test
  void tooFewGamesBeginNothingAndExplainSaysWhy() throws InterruptedException {
    play(1, 99);
    round("training");
    assertThat(runs()).isEmpty();
    var readiness =
        training().explainTraining(ExplainTrainingRequest.getDefaultInstance()).getReadiness(0);
    assertThat(readiness.getReady()).isFalse();
    assertThat(readiness.getTermsList())
        .filteredOn(term -> !term.getMet())
        .singleElement()
        .satisfies(
            term -> {
              assertThat(term.getName()).isEqualTo("min_games");
              assertThat(term.getActual()).isEqualTo("99");
              assertThat(term.getWanted()).isEqualTo("at least 100");
            });
  }

  @Test
  void aTrainerThatGivesUpMakesAFailedRunAndNoModel() throws InterruptedException {
    play(1, 100);
    round("training");
    round("training");
    for (int attempt = 0; attempt < 3; attempt++) {
      var item = claimAll("training").getFirst();
      var _ =
          queue()
              .failWork(
                  FailWorkRequest.newBuilder()
                      .setClaim(claim(item))
                      .setError("exit code 3: a loss was not finite")
                      .build());
    }
    round("training");
    assertThat(runs().getFirst().getState()).isEqualTo(TrainingState.TRAINING_STATE_FAILED);
    assertThat(runs().getFirst().getError()).contains("not finite");
    assertThat(all()).isEmpty();
  }

  @Test
  void aTrainerThatNamesNoModelMakesAFailedRun() throws InterruptedException {
    play(1, 100);
    round("training");
    round("training");
    complete(claimAll("training").getFirst(), "{\"loss\":1}");
    round("training");
    assertThat(runs().getFirst().getError()).contains("named no model");
    play(2, 100);
    round("training");
    round("training");
    complete(claimAll("training").getFirst(), "{\"model\":\"/etc/passwd\",\"sha256\":\"x\"}");
    round("training");
    assertThat(runs().getFirst().getError()).contains("model.path");
    assertThat(all()).isEmpty();
  }

  @Test
  void aGauntletThatDiesHoldsTheGateAndPromotesNobody() throws InterruptedException {
    train(1);
    round("validation");
    round("validation");
    for (int attempt = 0; attempt < 3; attempt++) {
      for (WorkItem item : claimAll("gauntlet")) {
        var _ =
            queue()
                .failWork(
                    FailWorkRequest.newBuilder().setClaim(claim(item)).setError("killed").build());
      }
    }
    round("validation");
    round("validation");
    var gates = models().listGates(ListGatesRequest.getDefaultInstance()).getGatesList();
    assertThat(gates).hasSize(1);
    assertThat(gates.getFirst().getGate().getState()).isEqualTo(GateState.GATE_STATE_HELD);
    assertThat(all().getFirst().getState()).isEqualTo(ModelState.MODEL_STATE_CANDIDATE);
  }

  @Test
  void eachChunkHasOpeningsOfItsOwn() throws InterruptedException {
    train(1);
    round("validation");
    round("validation");
    assertThat(claimAll("gauntlet"))
        .extracting(item -> item.getSpec().getJob().getParamsMap().get("skip_openings"))
        .containsExactlyInAnyOrder("0", "2");
  }

  @Test
  void gamesThatNobodyWaitsForAreCancelledWithTheGate() throws InterruptedException {
    train(1);
    round("validation");
    round("validation");
    var chunks = claimAll("gauntlet");
    for (WorkItem item : chunks) {
      complete(item, "{\"outcomes\":\"aaaa\"}");
    }
    round("validation");
    assertThat(claimAll("gauntlet")).isEmpty();
  }

  @Test
  void lineageLeadsFromAModelToItsGamesAndFromAGameFileToItsModels() throws InterruptedException {
    train(1);
    judge("aaaa");
    train(2);
    var up =
        models()
            .getLineage(GetLineageRequest.newBuilder().setModelId(id(2)).build())
            .getStepsList();
    assertThat(up).extracting(step -> step.getModel().getModelId()).containsExactly(id(2), id(1));
    assertThat(up.getLast().getTraining().getFilesList())
        .extracting(file -> file.getPath())
        .containsExactly("selfplay/hex5_2p/g1.db");
    assertThat(up.getLast().getPromotionsCount()).isEqualTo(1);
    var down =
        models()
            .getLineage(GetLineageRequest.newBuilder().setFile("selfplay/hex5_2p/g1.db").build());
    assertThat(down.getStepsList())
        .extracting(step -> step.getModel().getModelId())
        .containsExactly(id(1), id(2));
  }

  @Test
  void aRollbackIsOneCallAndRepeatingItUnderItsRequestIdChangesNothing()
      throws InterruptedException {
    train(1);
    judge("aaaa");
    train(2);
    judge("aaaa");
    var request = RollBackModelRequest.newBuilder().setConfigKey(CONFIG).setRequestId("r1").build();
    assertThat(models().rollBackModel(request).getPromotion().getModelId()).isEqualTo(id(1));
    assertThat(models().rollBackModel(request).getDuplicate()).isTrue();
    assertThat(Objects.requireNonNull(coordinator).modelInOffice(CONFIG))
        .hasValueSatisfying(file -> assertThat(file.getPath()).isEqualTo("models/hex5_2p/m1.bin"));
  }
}
