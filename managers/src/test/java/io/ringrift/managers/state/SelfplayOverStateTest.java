package io.ringrift.managers.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Duration;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.stub.StreamObserver;
import io.ringrift.event.v1.EventServiceGrpc;
import io.ringrift.event.v1.ListEventsRequest;
import io.ringrift.job.v1.InputFile;
import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.Membership;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.time.Moment;
import io.ringrift.managers.LoopSpec;
import io.ringrift.managers.Services;
import io.ringrift.managers.selfplay.ConfigKey;
import io.ringrift.managers.selfplay.SelfplayConfig;
import io.ringrift.managers.selfplay.SelfplayManager;
import io.ringrift.placement.v1.ListNodesRequest;
import io.ringrift.placement.v1.ListNodesResponse;
import io.ringrift.placement.v1.NodeFacts;
import io.ringrift.placement.v1.NodeView;
import io.ringrift.placement.v1.PlacementServiceGrpc;
import io.ringrift.queue.v1.GetQueueStatsRequest;
import io.ringrift.queue.v1.ListWorkRequest;
import io.ringrift.queue.v1.WorkItem;
import io.ringrift.rating.v1.Match;
import io.ringrift.rating.v1.RatingServiceGrpc;
import io.ringrift.rating.v1.RecordMatchesRequest;
import io.ringrift.selfplay.v1.GetDiversityRequest;
import io.ringrift.selfplay.v1.GetTargetsRequest;
import io.ringrift.selfplay.v1.GetWeightsRequest;
import io.ringrift.selfplay.v1.SelfplayServiceGrpc;
import io.ringrift.selfplay.v1.SetModifiersRequest;
import io.ringrift.selfplay.v1.Weight;
import io.ringrift.selfplay.v1.WeightTerm;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/// Self-play over the queue, the ladder and the events of a real state.
class SelfplayOverStateTest extends QueueBed {
  private static final int DEPTH = 12;
  private static final ConfigKey HEX5 = new ConfigKey("hex5", 2);
  private static final ConfigKey HEX8 = new ConfigKey("hex8", 2);

  private final AtomicBoolean losesAnAnswer = new AtomicBoolean();
  private final SplittableRandom chance = new SplittableRandom(11);
  private Optional<Map<String, Long>> games = Optional.of(Map.of());
  private Optional<InputFile> model = Optional.empty();
  private Moment now = new Moment(0);
  private SelfplayManager selfplay;

  private static SelfplayConfig config(boolean enabled) {
    return new SelfplayConfig(
        enabled,
        List.of(HEX5, HEX8),
        new SelfplayConfig.Items("hex", "mcts", "nn", 10),
        new SelfplayConfig.Depths(DEPTH, DEPTH, 1000),
        Map.of(HEX5, 1.5),
        Map.of(HEX5, 1),
        new SelfplayConfig.Nodes(8L << 30, 70, 75, 0),
        java.time.Duration.ofSeconds(60));
  }

  private SelfplayManager manager(boolean enabled, Membership membership, Services services) {
    return new SelfplayManager(
        consensus,
        membership,
        services,
        config(enabled),
        new SelfplayManager.Inputs(() -> games, _ -> model, () -> now, chance::nextLong));
  }

  @Override
  void serve(InProcessServerBuilder builder, Membership membership, Services services) {
    selfplay = manager(true, membership, services);
    assertThat(manager(false, membership, services).loops()).isEmpty();
    selfplay.services().forEach(builder::addService);
    builder.addService(new OneNode()).intercept(new LossyLink());
  }

  /// A node with ten processors and no GPU.
  private static final class OneNode extends PlacementServiceGrpc.PlacementServiceImplBase {
    @Override
    public void listNodes(ListNodesRequest request, StreamObserver<ListNodesResponse> observer) {
      observer.onNext(
          ListNodesResponse.newBuilder()
              .addNodes(
                  NodeView.newBuilder()
                      .setNodeId("n1")
                      .setState("ALIVE")
                      .setFacts(
                          NodeFacts.newBuilder()
                              .setCpuCount(10)
                              .setMemoryBytes(16L << 30)
                              .addCapabilities("selfplay")))
              .build());
      observer.onCompleted();
    }
  }

  /// Loses one answer to SubmitWork after the call was carried out.
  private final class LossyLink implements ServerInterceptor {
    @Override
    public <A, B> ServerCall.Listener<A> interceptCall(
        ServerCall<A, B> call, Metadata headers, ServerCallHandler<A, B> next) {
      boolean submits = call.getMethodDescriptor().getFullMethodName().endsWith("SubmitWork");
      return next.startCall(
          new SimpleForwardingServerCall<A, B>(call) {
            private boolean lost;

            @Override
            public void sendMessage(B message) {
              lost = submits && losesAnAnswer.getAndSet(false);
              if (!lost) {
                super.sendMessage(message);
              }
            }

            @Override
            public void close(Status status, Metadata trailers) {
              super.close(lost ? Status.UNAVAILABLE.withDescription("cut") : status, trailers);
            }
          },
          headers);
    }
  }

  private void round(String name, long epoch) {
    LoopSpec loop =
        selfplay.loops().stream().filter(l -> l.name().equals(name)).findFirst().orElseThrow();
    try {
      loop.round().run(Optional.of(new Epoch(epoch)));
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private void populate(long epoch) {
    round("queue_populator", epoch);
  }

  private int pending() {
    return queue().getQueueStats(GetQueueStatsRequest.getDefaultInstance()).getPending();
  }

  private List<WorkItem> items() {
    return queue().listWork(ListWorkRequest.newBuilder().setPageSize(1000).build()).getItemsList();
  }

  private void claimAll() {
    var claimed = queue().claimWork(claim("w").setMaxItems(32).build());
    assertThat(claimed.getItemsCount()).isEqualTo(DEPTH);
  }

  private SelfplayServiceGrpc.SelfplayServiceBlockingStub stub() {
    return SelfplayServiceGrpc.newBlockingStub(channel).withDeadlineAfter(20, TimeUnit.SECONDS);
  }

  private Weight weight(ConfigKey config) {
    return stub().getWeights(GetWeightsRequest.getDefaultInstance()).getWeightsList().stream()
        .filter(w -> w.getConfigKey().equals(config.toString()))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void theQueueIsFilledUpToItsDepth() {
    populate(1);
    assertThat(pending()).isEqualTo(DEPTH);
    assertThat(items())
        .allSatisfy(
            item -> {
              var job = item.getSpec().getJob();
              assertThat(item.getSpec().getWorkType()).isEqualTo("selfplay");
              assertThat(job.getWorkload()).isEqualTo("hex");
              assertThat(job.getEngineMode()).isEqualTo("mcts");
              assertThat(job.getNumGames()).isEqualTo(10);
              assertThat(job.getNumPlayers()).isEqualTo(2);
              assertThat(job.getBoardType()).isIn("hex5", "hex8");
              assertThat(job.getParamsMap()).isEmpty();
            });
    assertThat(items())
        .extracting(item -> item.getSpec().getJob().getSeed())
        .doesNotHaveDuplicates();
  }

  @Test
  void theQueueIsNotFilledBeyondItsDepth() {
    populate(1);
    populate(1);
    assertThat(items()).hasSize(DEPTH);
  }

  @Test
  void whatOthersSubmittedCounts() {
    for (int i = 0; i < 5; i++) {
      submit(Ledgers.selfplay());
    }
    populate(1);
    assertThat(pending()).isEqualTo(DEPTH);
  }

  @Test
  void nothingIsRepeatedAfterAChangeOfLeader() {
    populate(1);
    consensus.follow("n2", 2);
    consensus.lead(3);
    populate(3);
    assertThat(items()).hasSize(DEPTH);
  }

  @Test
  void aDeposedLeaderSubmitsNothing() {
    consensus.follow("n2", 2);
    consensus.lead(3);
    populate(1);
    assertThat(items()).isEmpty();
  }

  @Test
  void aRequestWhoseAnswerWasLostIsNotDoneTwice() {
    losesAnAnswer.set(true);
    assertThatThrownBy(() -> populate(1)).isInstanceOf(Refusal.class);
    claimAll();
    populate(1);
    assertThat(items()).hasSize(DEPTH);
    populate(1);
    assertThat(items()).hasSize(2 * DEPTH);
  }

  @Test
  void withoutTheManifestsNothingIsSubmitted() {
    games = Optional.empty();
    populate(1);
    assertThat(items()).isEmpty();
    games = Optional.of(Map.of());
    populate(1);
    assertThat(items()).hasSize(DEPTH);
  }

  @Test
  void aConfigurationWithItsGamesGetsNoMore() {
    games = Optional.of(Map.of("hex5_2p", 1000L));
    populate(1);
    assertThat(items())
        .extracting(item -> item.getSpec().getJob().getBoardType())
        .containsOnly("hex8");
    assertThat(weight(HEX5).getExcluded()).isEqualTo("TARGET_MET");
  }

  @Test
  void gamesOnTheWayCountTowardsTheTarget() {
    games = Optional.of(Map.of("hex5_2p", 970L, "hex8_2p", 980L));
    populate(1);
    assertThat(items()).hasSize(5);
  }

  @Test
  void whenAllTargetsAreMetItRestsForFiveMinutes() {
    games = Optional.of(Map.of("hex5_2p", 1000L, "hex8_2p", 1000L));
    populate(1);
    games = Optional.of(Map.of());
    now = now.plus(java.time.Duration.ofSeconds(299));
    populate(1);
    assertThat(items()).isEmpty();
    now = now.plus(java.time.Duration.ofSeconds(1));
    populate(1);
    assertThat(items()).hasSize(DEPTH);
  }

  @Test
  void theModelInOfficePlays() {
    model = Optional.of(InputFile.newBuilder().setPath("models/hex5_2p/m.bin").build());
    populate(1);
    assertThat(items())
        .allSatisfy(
            item -> {
              var job = item.getSpec().getJob();
              assertThat(job.getEngineMode()).isEqualTo("nn");
              assertThat(job.getParamsMap()).isEqualTo(Map.of("model", "models/hex5_2p/m.bin"));
            });
  }

  @Test
  void weightsAreExplained() {
    games = Optional.of(Map.of("hex5_2p", 600L));
    var match =
        Match.newBuilder()
            .setMatchId("m")
            .setConfigKey("hex5_2p")
            .addParticipants("a")
            .addParticipants("b")
            .addPlaces(1)
            .addPlaces(2)
            .setRated(true);
    var _ =
        RatingServiceGrpc.newBlockingStub(channel)
            .recordMatches(RecordMatchesRequest.newBuilder().addMatches(match).build());
    var weight = weight(HEX5);
    assertThat(weight.getGames()).isEqualTo(600);
    assertThat(weight.getBestElo()).isEqualTo(1516);
    assertThat(weight.getTermsList())
        .extracting(WeightTerm::getName)
        .containsExactly(
            "static",
            "elo_boost",
            "curriculum",
            "board_override",
            "games_needed",
            "staleness",
            "elo_gap");
    double sum =
        weight.getTermsList().stream()
            .filter(term -> !term.getFactor())
            .mapToDouble(WeightTerm::getValue)
            .sum();
    double factor = weight.getTermsList().getLast().getValue();
    assertThat(weight.getEffectivePriority()).isEqualTo((int) Math.round(sum * factor));
    assertThat(weight.getShare() + weight(HEX8).getShare()).isEqualTo(1);
  }

  @Test
  void anOperatorsModifiersAreEventsThatEveryNodeReads() {
    var answer =
        stub()
            .setModifiers(
                SetModifiersRequest.newBuilder()
                    .setRequestId("r")
                    .setConfigKey("hex5_2p")
                    .setRate(2)
                    .setExplorationBoost(1.5)
                    .setExplorationDuration(Duration.newBuilder().setSeconds(60))
                    .build());
    assertThat(answer.getRate()).isEqualTo(2);
    assertThat(answer.getExplorationBoost()).isEqualTo(1.5);
    assertThat(weight(HEX5).getTermsList())
        .extracting(WeightTerm::getName)
        .contains("rate", "exploration_boost");
    assertThat(selfplay.health().details()).containsEntry("active_exploration_boosts", "1");
    now = now.plus(java.time.Duration.ofSeconds(61));
    assertThat(weight(HEX5).getTermsList())
        .extracting(WeightTerm::getName)
        .contains("rate")
        .doesNotContain("exploration_boost");
  }

  @Test
  void modifiersOfWhatIsNotPlayedAreRefused() {
    var request = SetModifiersRequest.newBuilder().setConfigKey("square8_2p").setRate(2).build();
    assertThatThrownBy(() -> stub().setModifiers(request))
        .hasMessageContaining("selfplay.configs")
        .satisfies(e -> assertThat(reasonOf(e)).isEqualTo(Reason.INVALID_ARGUMENT));
  }

  @Test
  void weightsAreTheLeadersToTell() {
    consensus.follow("n2", 2);
    assertThatThrownBy(() -> stub().getWeights(GetWeightsRequest.getDefaultInstance()))
        .satisfies(e -> assertThat(reasonOf(e)).isEqualTo(Reason.NOT_LEADER));
  }

  @Test
  void aNodesTargetIsTold() {
    var targets = stub().getTargets(GetTargetsRequest.getDefaultInstance()).getTargetsList();
    assertThat(targets).hasSize(1);
    assertThat(targets.getFirst().getCap()).isEqualTo(3);
    assertThat(targets.getFirst().getTotalJobs()).isEqualTo(2);
    assertThat(targets.getFirst().getHardware()).isEqualTo("CPU only");
  }

  @Test
  void diversityIsThatOfTheQueuesItems() {
    populate(1);
    var diversity = stub().getDiversity(GetDiversityRequest.getDefaultInstance());
    assertThat(diversity.getItems()).isEqualTo(DEPTH);
    assertThat(diversity.getGamesByEngineModeMap()).isEqualTo(Map.of("mcts", 10L * DEPTH));
    assertThat(diversity.getSymmetricGames()).isEqualTo(10L * DEPTH);
    assertThat(diversity.getAsymmetricRatio()).isZero();
  }

  @Test
  void aPriorityThatMovesIsAnEventOfHighPriority() {
    round("selfplay_targets", 1);
    var _ =
        stub()
            .setModifiers(
                SetModifiersRequest.newBuilder().setConfigKey("hex5_2p").setRate(2).build());
    round("selfplay_targets", 1);
    var told =
        EventServiceGrpc.newBlockingStub(channel)
            .listEvents(ListEventsRequest.newBuilder().setPageSize(1000).build())
            .getEventsList()
            .stream()
            .filter(event -> event.getKind().equals("SELFPLAY_TARGET_UPDATED"))
            .toList();
    assertThat(told).hasSize(1);
    assertThat(told.getFirst().getAttributesMap())
        .containsEntry("config_key", "hex5_2p")
        .containsEntry("priority", "high");
  }

  @Test
  void withoutTheEventsItIsDegraded() {
    assertThat(selfplay.health().status().name()).isEqualTo("DEGRADED");
    round("selfplay_events", 1);
    assertThat(selfplay.health().status().name()).isEqualTo("RUNNING");
    assertThat(selfplay.health().details()).containsKey("diversity_metrics");
  }
}
