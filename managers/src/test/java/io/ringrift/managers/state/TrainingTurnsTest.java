package io.ringrift.managers.state;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Duration;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerInterceptors;
import io.grpc.Status;
import io.grpc.inprocess.InProcessServerBuilder;
import io.ringrift.kernel.Member;
import io.ringrift.kernel.MemberState;
import io.ringrift.kernel.Membership;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.gossip.GossipBoard;
import io.ringrift.kernel.time.Moment;
import io.ringrift.kernel.time.Ticker;
import io.ringrift.managers.Services;
import io.ringrift.managers.placement.NodeSelector;
import io.ringrift.managers.placement.PlacementLimits;
import io.ringrift.managers.queue.TrainingTerms;
import io.ringrift.placement.v1.Gpu;
import io.ringrift.placement.v1.NodeFacts;
import io.ringrift.placement.v1.PlacementServiceGrpc;
import io.ringrift.placement.v1.RankedNode;
import io.ringrift.placement.v1.SetDrainRequest;
import io.ringrift.queue.v1.ClaimWorkRequest;
import io.ringrift.queue.v1.ExplainWorkRequest;
import io.ringrift.queue.v1.ExplainWorkResponse;
import io.ringrift.queue.v1.WorkItem;
import io.ringrift.queue.v1.WorkSpec;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Who gets a training that waits: the desk, the state and placement together, with two nodes whose
/// facts the test makes up.
final class TrainingTurnsTest extends QueueBed {
  private static final java.time.Duration PATIENCE = java.time.Duration.ofSeconds(30);

  private final Map<NodeId, GossipBoard.Posting> posted = new ConcurrentHashMap<>();
  private volatile Moment now = new Moment(0);
  private volatile boolean broken;
  private volatile boolean clockFails;
  private final AtomicInteger clockFailures = new AtomicInteger();
  private final AtomicInteger ranked = new AtomicInteger();
  private volatile MemberState stateOfGpu = MemberState.ALIVE;

  @Override
  List<Member> members() {
    return List.of(
        member("cpu", MemberState.ALIVE, false),
        member("gpu", stateOfGpu, false),
        member("old", MemberState.ALIVE, false));
  }

  @Override
  Ticker queueTicker() {
    return () -> {
      if (clockFails) {
        clockFailures.incrementAndGet();
        throw new IllegalStateException("no time");
      }
      return now;
    };
  }

  @Override
  TrainingTerms trainings() {
    return new TrainingTerms(8L << 30, PATIENCE);
  }

  @Override
  void serve(InProcessServerBuilder builder, Membership membership, Services services) {
    var selector =
        new NodeSelector(
            services,
            membership,
            new Board(),
            Ticker.system(),
            new NodeSelector.Settings(PlacementLimits.spec(), java.time.Duration.ZERO, List.of()));
    builder.addService(ServerInterceptors.intercept(selector, new Ranking()));
  }

  /// Counts, and fails while it is broken.
  private final class Ranking implements ServerInterceptor {
    @Override
    public <A, B> ServerCall.Listener<A> interceptCall(
        ServerCall<A, B> call, Metadata headers, ServerCallHandler<A, B> next) {
      ranked.incrementAndGet();
      if (broken) {
        call.close(Status.UNAVAILABLE, new Metadata());
        return new ServerCall.Listener<>() {};
      }
      return next.startCall(call, headers);
    }
  }

  private final class Board implements GossipBoard {
    @Override
    public void publish(byte[] payload) {}

    @Override
    public Map<NodeId, Posting> postings() {
      return Map.copyOf(posted);
    }
  }

  private static NodeFacts.Builder facts(long gib) {
    return NodeFacts.newBuilder()
        .setCpuCount(8)
        .setMemoryBytes(gib << 30)
        .setMaxJobs(4)
        .addCapabilities("training")
        .addCapabilities("selfplay")
        .addWorkloads("hex");
  }

  private static NodeFacts.Builder gpu(String name) {
    return facts(64).addGpus(Gpu.newBuilder().setName(name));
  }

  private void post(String node, NodeFacts.Builder facts) {
    posted.put(
        new NodeId(node), new GossipBoard.Posting(facts.build().toByteArray(), new Moment(0)));
  }

  @BeforeEach
  void nodes() {
    post("cpu", facts(64));
    post("gpu", gpu("NVIDIA H100"));
    post("old", gpu("NVIDIA GeForce RTX 3090").setMaxJobs(0));
  }

  private WorkItem submitTraining() {
    var spec = WorkSpec.newBuilder().setWorkType("training").setPriority(100);
    spec.getJobBuilder().setWorkload("hex");
    return submit(spec);
  }

  private static ClaimWorkRequest.Builder asks(String worker) {
    return claim(worker).addCapabilities("training").setMaxItems(32);
  }

  private List<String> claims(ClaimWorkRequest.Builder request) {
    return queue().claimWork(request.build()).getItemsList().stream()
        .map(WorkItem::getWorkId)
        .toList();
  }

  private ExplainWorkResponse explain(String id) {
    return queue().explainWork(ExplainWorkRequest.newBuilder().setWorkId(id).build());
  }

  @Test
  void aTrainingGoesToTheNodeThatSuitsItBestAndNotToTheFirstThatAsks() {
    String id = submitTraining().getWorkId();
    assertThat(claims(asks("cpu"))).isEmpty();
    assertThat(claims(asks("old"))).isEmpty();
    assertThat(claims(asks("gpu"))).containsExactly(id);
  }

  @Test
  void otherWorkIsNotHeldUpByATrainingThatIsKept() {
    String training = submitTraining().getWorkId();
    String game = submit(Ledgers.selfplay()).getWorkId();
    assertThat(claims(asks("cpu"))).containsExactly(game);
    assertThat(claims(asks("gpu"))).containsExactly(training);
  }

  @Test
  void aBetterNodeThatNeverAsksIsWaitedForNoLongerThanThePatience() {
    String id = submitTraining().getWorkId();
    assertThat(claims(asks("cpu"))).isEmpty();
    now = now.plus(PATIENCE).minus(java.time.Duration.ofMillis(1));
    assertThat(claims(asks("cpu"))).isEmpty();
    now = now.plus(java.time.Duration.ofMillis(1));
    assertThat(claims(asks("cpu"))).containsExactly(id);
  }

  @Test
  void aClaimThatWaitsGetsTheTrainingWhenThePatienceIsOver() {
    var patient = asks("cpu").setWait(Duration.newBuilder().setSeconds(20)).build();
    var waiting = CompletableFuture.supplyAsync(() -> queue().claimWork(patient), threads);
    Awaitility.await().until(() -> "1".equals(work.health().details().get("waiting_claims")));
    String id = submitTraining().getWorkId();
    Awaitility.await().until(() -> !explain(id).getHeldForNodeId().isEmpty());
    now = now.plus(PATIENCE);
    assertThat(waiting)
        .succeedsWithin(java.time.Duration.ofSeconds(10))
        .satisfies(
            answer ->
                assertThat(answer.getItemsList())
                    .extracting(WorkItem::getWorkId)
                    .containsExactly(id));
  }

  @Test
  void ofThoseThatWaitTheBestGetsIt() {
    var asked = new HashMap<String, CompletableFuture<List<String>>>();
    for (String node : List.of("old", "cpu", "gpu")) {
      var patient = asks(node).setWait(Duration.newBuilder().setSeconds(15));
      asked.put(node, CompletableFuture.supplyAsync(() -> claims(patient), threads));
      String before = Integer.toString(asked.size());
      Awaitility.await().until(() -> before.equals(work.health().details().get("waiting_claims")));
    }
    String id = submitTraining().getWorkId();
    var got = CompletableFuture.anyOf(asked.values().toArray(CompletableFuture[]::new));
    assertThat(got.join()).isEqualTo(List.of(id));
    assertThat(asked.get("gpu")).isCompletedWithValue(List.of(id));
  }

  @Test
  void aNodeWithLessThanTheLeastMemoryNeverTrains() {
    post("cpu", facts(7));
    stateOfGpu = MemberState.DEAD;
    post("old", gpu("NVIDIA GeForce RTX 3090"));
    String id = submitTraining().getWorkId();
    assertThat(claims(asks("cpu"))).isEmpty();
    now = now.plus(PATIENCE.multipliedBy(100));
    assertThat(claims(asks("cpu"))).isEmpty();
    assertThat(explain(id).getNodesList())
        .filteredOn(node -> node.getNodeId().equals("cpu"))
        .extracting(RankedNode::getReason)
        .containsExactly("TOO_SMALL");
    post("old", facts(6));
    assertThat(explain(id).getUnblock())
        .contains("lower training.min_memory_gb or add a bigger node");
    post("old", gpu("NVIDIA GeForce RTX 3090"));
    assertThat(claims(asks("old"))).containsExactly(id);
  }

  @Test
  void aTrainingThatIsTooBigForAWorkerDoesNotHideTheNextOne() {
    post("gpu", facts(64).setMaxJobs(0));
    post("old", facts(64).setMaxJobs(0));
    for (int i = 0; i < 15; i++) {
      var big = WorkSpec.newBuilder().setWorkType("training").setPriority(100);
      big.getJobBuilder().setWorkload("hex").setMemoryBytes(1L << 50);
      var _ = submit(big);
    }
    String fits = submitTraining().getWorkId();
    String next = submitTraining().getWorkId();
    assertThat(claims(asks("cpu"))).containsExactly(fits);
    assertThat(claims(asks("client"))).hasSize(1).doesNotContain(next);
  }

  @Test
  void aTrainingLeavesTheOtherFreeSlotsToGames() {
    String training = submitTraining().getWorkId();
    var _ = submitTraining();
    String game = submit(Ledgers.selfplay()).getWorkId();
    String other = submit(Ledgers.selfplay()).getWorkId();
    assertThat(claims(asks("gpu"))).containsExactlyInAnyOrder(training, game, other);
  }

  @Test
  void aWorkerThatNothingIsKnownOfGetsItsTrainingWhenItTellsOfItself() {
    posted.remove(new NodeId("cpu"));
    stateOfGpu = MemberState.DEAD;
    post("old", facts(64).setMaxJobs(0));
    String id = submitTraining().getWorkId();
    var patient = asks("cpu").setWait(Duration.newBuilder().setSeconds(15));
    var waiting = CompletableFuture.supplyAsync(() -> claims(patient), threads);
    Awaitility.await().until(() -> "1".equals(work.health().details().get("waiting_claims")));
    post("cpu", facts(64));
    now = now.plus(PATIENCE);
    assertThat(waiting.join()).containsExactly(id);
  }

  @Test
  void whileTheNodesCannotBeJudgedOtherWorkIsGivenOut() {
    String training = submitTraining().getWorkId();
    String game = submit(Ledgers.selfplay()).getWorkId();
    broken = true;
    assertThat(claims(asks("gpu"))).containsExactly(game);
    var patient = asks("gpu").setWait(Duration.newBuilder().setSeconds(15));
    var waiting = CompletableFuture.supplyAsync(() -> claims(patient), threads);
    Awaitility.await().until(() -> "1".equals(work.health().details().get("waiting_claims")));
    broken = false;
    now = now.plus(PATIENCE);
    assertThat(waiting.join()).containsExactly(training);
  }

  @Test
  void whateverGoesWrongThoseThatWaitAreTriedAgain() {
    var patient = asks("cpu").setWait(Duration.newBuilder().setSeconds(15));
    var waiting = CompletableFuture.supplyAsync(() -> claims(patient), threads);
    Awaitility.await().until(() -> "1".equals(work.health().details().get("waiting_claims")));
    clockFails = true;
    var _ = submitTraining();
    Awaitility.await().until(() -> clockFailures.get() > 0);
    clockFails = false;
    String game = submit(Ledgers.selfplay()).getWorkId();
    assertThat(waiting.join()).containsExactly(game);
  }

  @Test
  void theNodesAreJudgedOnceForAllThatAreTriedTogether() {
    for (int i = 0; i < 20; i++) {
      var patient = asks("cpu").setWait(Duration.newBuilder().setSeconds(15));
      var _ = CompletableFuture.supplyAsync(() -> claims(patient), threads);
    }
    Awaitility.await().until(() -> "20".equals(work.health().details().get("waiting_claims")));
    String id = submitTraining().getWorkId();
    Awaitility.await().until(() -> !explain(id).getHeldForNodeId().isEmpty());
    ranked.set(0);
    now = now.plus(java.time.Duration.ofSeconds(2));
    Awaitility.await().until(() -> ranked.get() > 0);
    Awaitility.await().during(java.time.Duration.ofSeconds(1)).until(() -> ranked.get() < 10);
  }

  @Test
  void nobodyWaitsForANodeThatIsDeadOrDrained() {
    stateOfGpu = MemberState.DEAD;
    post("old", facts(64).setMaxJobs(0));
    String id = submitTraining().getWorkId();
    assertThat(claims(asks("cpu"))).containsExactly(id);
    stateOfGpu = MemberState.ALIVE;
    String next = submitTraining().getWorkId();
    assertThat(claims(asks("cpu"))).isEmpty();
    var drain = SetDrainRequest.newBuilder().setNodeId("gpu").setDrain(true).build();
    var _ = PlacementServiceGrpc.newBlockingStub(channel).setDrain(drain);
    assertThat(claims(asks("cpu"))).containsExactly(next);
  }

  @Test
  void aNodeThatTrainsComesAfterThoseThatDoNot() {
    post("old", gpu("NVIDIA GeForce RTX 3090"));
    String first = submitTraining().getWorkId();
    String second = submitTraining().getWorkId();
    assertThat(claims(asks("gpu"))).containsExactly(first);
    assertThat(claims(asks("gpu"))).isEmpty();
    assertThat(claims(asks("old"))).containsExactly(second);
  }

  @Test
  void aRepeatedClaimIsAnsweredAsTheFirstWhateverTheNodesAreNow() {
    String id = submitTraining().getWorkId();
    assertThat(claims(asks("cpu").setRequestId("denied"))).isEmpty();
    assertThat(claims(asks("gpu").setRequestId("granted"))).containsExactly(id);
    post("gpu", gpu("NVIDIA H100").setMemoryBytes(1L << 30));
    assertThat(claims(asks("gpu").setRequestId("granted"))).containsExactly(id);
    String next = submitTraining().getWorkId();
    post("old", gpu("NVIDIA GeForce RTX 3090").setMemoryBytes(1L << 30));
    assertThat(claims(asks("cpu").setRequestId("denied"))).containsExactly(next);
  }

  @Test
  void explainNamesTheNodeThatItIsKeptForAndForHowLong() {
    String id = submitTraining().getWorkId();
    assertThat(explain(id).getHeldForNodeId()).isEmpty();
    assertThat(claims(asks("cpu"))).isEmpty();
    now = now.plus(java.time.Duration.ofSeconds(10));
    var why = explain(id);
    assertThat(why.getHeldForNodeId()).isEqualTo("gpu");
    assertThat(why.getHoldRemaining().getSeconds()).isEqualTo(20);
    assertThat(why.getUnblock()).contains("gpu");
    now = now.plus(PATIENCE);
    assertThat(explain(id).getHeldForNodeId()).isEmpty();
  }

  @Test
  void aClientThatIsNoNodeTrainsWhatNoNodeCan() {
    var spec = WorkSpec.newBuilder().setWorkType("training");
    spec.getJobBuilder().setWorkload("hex").setGpus(8);
    String id = submit(spec).getWorkId();
    assertThat(claims(asks("client").setFreeGpus(8))).containsExactly(id);
  }
}
