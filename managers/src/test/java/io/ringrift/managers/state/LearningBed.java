package io.ringrift.managers.state;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.stub.StreamObserver;
import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.Membership;
import io.ringrift.kernel.time.Ticker;
import io.ringrift.managers.LoopSpec;
import io.ringrift.managers.Services;
import io.ringrift.managers.training.TrainingConfig;
import io.ringrift.managers.training.TrainingCoordinator;
import io.ringrift.placement.v1.ListNodesRequest;
import io.ringrift.placement.v1.ListNodesResponse;
import io.ringrift.placement.v1.NodeView;
import io.ringrift.placement.v1.PlacementServiceGrpc;
import io.ringrift.queue.v1.ClaimRef;
import io.ringrift.queue.v1.ClaimWorkRequest;
import io.ringrift.queue.v1.CompleteWorkRequest;
import io.ringrift.queue.v1.WorkItem;
import io.ringrift.sync.v1.ClusterFile;
import io.ringrift.sync.v1.FileEntry;
import io.ringrift.sync.v1.ListClusterFilesRequest;
import io.ringrift.sync.v1.ListClusterFilesResponse;
import io.ringrift.sync.v1.SyncServiceGrpc;
import io.ringrift.training.v1.FixedShare;
import io.ringrift.training.v1.GatePolicy;
import io.ringrift.training.v1.ListModelsRequest;
import io.ringrift.training.v1.ListTrainingsRequest;
import io.ringrift.training.v1.Model;
import io.ringrift.training.v1.ModelServiceGrpc;
import io.ringrift.training.v1.TrainingRun;
import io.ringrift.training.v1.TrainingServiceGrpc;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// The loops of learning over the real state and queue: the test plays the workers and the clock.
abstract class LearningBed extends QueueBed {
  static final String CONFIG = "hex5_2p";

  private final AtomicLong chance = new AtomicLong(1);
  private final List<ClusterFile> files = new CopyOnWriteArrayList<>();
  @Nullable TrainingCoordinator coordinator;

  /// What is configured now.
  volatile TrainingConfig config = config(100, 2);

  /// @param minGames games before the first run
  /// @param chunks of a gate at once
  static TrainingConfig config(int minGames, int chunks) {
    var usual = TrainingConfig.defaults();
    return new TrainingConfig(
        List.of(CONFIG),
        usual.trainer(),
        new TrainingConfig.Thresholds(minGames, 50, 1, 1, Duration.ZERO, Duration.ZERO),
        new TrainingConfig.Gauntlets(
            "hex-gauntlet",
            Map.of(),
            GatePolicy.newBuilder()
                .setFixed(FixedShare.newBuilder().setPairs(4).setLeastShare(0.55))
                .build(),
            2,
            chunks,
            2,
            Duration.ofHours(1)),
        Duration.ofSeconds(1));
  }

  @Override
  void serve(InProcessServerBuilder builder, Membership membership, Services services) {
    var learning =
        new TrainingCoordinator(
            consensus,
            membership,
            services,
            () -> config,
            Ticker.system(),
            chance::getAndIncrement);
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

  /// Who is known to placement.
  volatile List<NodeView> nodes = List.of();

  private final class Nodes extends PlacementServiceGrpc.PlacementServiceImplBase {
    @Override
    public void listNodes(ListNodesRequest request, StreamObserver<ListNodesResponse> observer) {
      observer.onNext(ListNodesResponse.newBuilder().addAllNodes(nodes).build());
      observer.onCompleted();
    }
  }

  void play(int number, long games) {
    file("g" + number, number, games);
  }

  /// A game file under some name; equal numbers are equal contents.
  void file(String name, int number, long games) {
    files.add(
        ClusterFile.newBuilder()
            .setEntry(
                FileEntry.newBuilder()
                    .setPath("selfplay/hex5_2p/" + name + ".db")
                    .setSha256("%064x".formatted(number))
                    .setGameCount(games))
            .build());
  }

  /// The loops of another node that leads after this one, or still believes that it does.
  TrainingCoordinator another() {
    return new TrainingCoordinator(
        consensus,
        membership(),
        services(),
        () -> config,
        Ticker.system(),
        chance::getAndIncrement);
  }

  static void round(TrainingCoordinator at, String loop, long epoch) throws InterruptedException {
    for (LoopSpec spec : at.loops()) {
      if (spec.name().equals(loop)) {
        spec.round().run(Optional.of(new Epoch(epoch)));
      }
    }
  }

  void round(String loop) throws InterruptedException {
    for (LoopSpec spec : Objects.requireNonNull(coordinator).loops()) {
      if (spec.name().equals(loop)) {
        spec.round().run(Optional.of(new Epoch(1)));
      }
    }
  }

  TrainingServiceGrpc.TrainingServiceBlockingStub training() {
    return TrainingServiceGrpc.newBlockingStub(channel).withDeadlineAfter(20, TimeUnit.SECONDS);
  }

  ModelServiceGrpc.ModelServiceBlockingStub models() {
    return ModelServiceGrpc.newBlockingStub(channel).withDeadlineAfter(20, TimeUnit.SECONDS);
  }

  List<TrainingRun> runs() {
    return training()
        .listTrainings(ListTrainingsRequest.newBuilder().setWithFiles(true).build())
        .getRunsList();
  }

  List<Model> all() {
    return models().listModels(ListModelsRequest.getDefaultInstance()).getModelsList();
  }

  List<WorkItem> claimAll(String capability) {
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

  static ClaimRef claim(WorkItem item) {
    return ClaimRef.newBuilder()
        .setWorkId(item.getWorkId())
        .setClaimToken(item.getClaimToken())
        .setWorkerId("w1")
        .build();
  }

  void complete(WorkItem item, String output) {
    var _ =
        queue()
            .completeWork(
                CompleteWorkRequest.newBuilder()
                    .setClaim(claim(item))
                    .setResult("{}")
                    .setOutput(output)
                    .build());
  }

  static String trained(int number) {
    return "{\"model\":\"models/hex5_2p/m%d.bin\",\"sha256\":\"%s\",\"loss\":1.5}"
        .formatted(number, "%02d".formatted(number).repeat(32));
  }

  static String id(int number) {
    return CONFIG + "-" + "%02d".formatted(number).repeat(6);
  }

  /// One run from its games to its candidate.
  void train(int number) throws InterruptedException {
    play(number, 100);
    round("training");
    round("training");
    var items = claimAll("training");
    assertThat(items).hasSize(1);
    complete(items.getFirst(), trained(number));
    round("training");
  }

  void judge(String outcomes) throws InterruptedException {
    round("validation");
    round("validation");
    for (WorkItem item : claimAll("gauntlet")) {
      complete(item, "{\"outcomes\":\"" + outcomes + "\"}");
    }
    round("validation");
  }
}
