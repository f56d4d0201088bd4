package io.ringrift.managers.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.grpc.BindableService;
import io.grpc.stub.StreamObserver;
import io.ringrift.job.v1.CancelJobRequest;
import io.ringrift.job.v1.JobServiceGrpc;
import io.ringrift.job.v1.JobSpec;
import io.ringrift.job.v1.JobState;
import io.ringrift.job.v1.ListProcessesRequest;
import io.ringrift.job.v1.ListProcessesResponse;
import io.ringrift.job.v1.ProcessServiceGrpc.ProcessServiceImplBase;
import io.ringrift.job.v1.SpawnJobRequest;
import io.ringrift.job.v1.StartProcessRequest;
import io.ringrift.job.v1.StartProcessResponse;
import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.Fence;
import io.ringrift.kernel.MemberState;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.time.Ticker;
import io.ringrift.managers.LoopSpec;
import io.ringrift.placement.v1.ListNodesRequest;
import io.ringrift.placement.v1.ListNodesResponse;
import io.ringrift.placement.v1.PlacementServiceGrpc.PlacementServiceImplBase;
import io.ringrift.placement.v1.RankNodesRequest;
import io.ringrift.placement.v1.RankNodesResponse;
import io.ringrift.placement.v1.RankedNode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A leader, a worker with real processes, and a job table in memory.
final class JobManagerTest {
  private static final NodeId OTHER = new NodeId("n3");

  /// A worker that answers orders as a test says and knows of no process.
  private static final class OtherWorker extends ProcessServiceImplBase {
    private final AtomicInteger orders = new AtomicInteger();
    private final AtomicInteger lists = new AtomicInteger();
    private volatile Runnable onOrder = () -> {};
    private volatile Runnable onList = () -> {};
    private volatile io.ringrift.common.v1.Fence fence =
        io.ringrift.common.v1.Fence.getDefaultInstance();

    @Override
    public void startProcess(
        StartProcessRequest request, StreamObserver<StartProcessResponse> observer) {
      orders.incrementAndGet();
      onOrder.run();
      observer.onNext(StartProcessResponse.getDefaultInstance());
      observer.onCompleted();
    }

    @Override
    public void listProcesses(
        ListProcessesRequest request, StreamObserver<ListProcessesResponse> observer) {
      lists.incrementAndGet();
      fence = request.getFence();
      onList.run();
      observer.onNext(ListProcessesResponse.getDefaultInstance());
      observer.onCompleted();
    }
  }

  /// Every need goes where the test says or else to the one worker, unless the job has been refused
  /// there.
  private final class Placement extends PlacementServiceImplBase {
    @Override
    public void rankNodes(RankNodesRequest request, StreamObserver<RankNodesResponse> observer) {
      boolean fit =
          !request.getNeed().getExcludedNodeIdsList().contains(Bench.SELF.value())
              && !request.getNeed().getEngineMode().equals("gumbel-mcts");
      String node = Optional.ofNullable(places.poll()).orElse(Bench.SELF).value();
      observer.onNext(
          RankNodesResponse.newBuilder()
              .addNodes(RankedNode.newBuilder().setNodeId(node).setFeasible(fit))
              .build());
      observer.onCompleted();
    }

    @Override
    public void listNodes(ListNodesRequest request, StreamObserver<ListNodesResponse> observer) {
      observer.onNext(ListNodesResponse.getDefaultInstance());
      observer.onCompleted();
    }
  }

  @TempDir Path folder;
  private Bench bench;
  private JobManager manager;
  private final FakeState state = new FakeState();
  private final FakeKernel kernel = new FakeKernel();
  private final OtherWorker other = new OtherWorker();

  /// Where the next needs go.
  private final Queue<NodeId> places = new ConcurrentLinkedQueue<>();

  private final Ticker system = Ticker.system();
  private Duration ahead = Duration.ZERO;

  @BeforeEach
  void open() {
    bench = new Bench(folder, GpuInventory.none(), 4);
    kernel.states.put(Bench.LEADER, MemberState.ALIVE);
    kernel.states.put(Bench.SELF, MemberState.ALIVE);
    var config =
        new JobConfig(
            bench.config.templates(),
            "sleeper",
            "sleeper",
            Duration.ofSeconds(300),
            Duration.ofMillis(1),
            Duration.ofSeconds(300),
            ReaperConfig.DEFAULT,
            Duration.ofSeconds(2),
            Duration.ofSeconds(1),
            Duration.ofSeconds(5));
    manager =
        new JobManager(
            bench.cell.of(Bench.LEADER),
            kernel.membership(),
            kernel.consensus(),
            () -> system.now().plus(ahead),
            () -> config);
    List<BindableService> services = new ArrayList<>(manager.services());
    services.add(state);
    services.add(new Placement());
    bench.cell.serve(Bench.LEADER, services);
    bench.cell.lead(Bench.LEADER);
    bench.cell.serve(OTHER, List.of(other));
    kernel.states.put(OTHER, MemberState.ALIVE);
  }

  @AfterEach
  void close() {
    manager.close();
    bench.close();
  }

  private void round() throws InterruptedException {
    manager.loops().getFirst().round().run(Optional.of(new Epoch(7)));
  }

  /// The worker tells the leader what it has to tell.
  private void report() {
    LoopSpec loop = bench.supervisor.loops().getFirst();
    await()
        .atMost(Duration.ofSeconds(20))
        .until(
            () -> {
              loop.round().run(Optional.empty());
              return bench.outbox.all().isEmpty();
            });
  }

  private String spawn(String workload) {
    return stub()
        .spawnJob(
            SpawnJobRequest.newBuilder()
                .setSpec(JobSpec.newBuilder().setWorkload(workload))
                .build())
        .getJob()
        .getJobId();
  }

  private JobServiceGrpc.JobServiceBlockingStub stub() {
    return JobServiceGrpc.newBlockingStub(bench.cell.of(Bench.LEADER).local());
  }

  @Test
  void countersBeginAtZero() {
    assertThat(manager.health().details())
        .containsEntry("dispatched", "0")
        .containsEntry("jobs_spawned", "0");
  }

  @Test
  void jobGoesToAWorkerAndItsEndComesBack() throws Exception {
    String id = spawn("echo");
    round();
    bench.awaitClosed(id);
    report();
    assertThat(state.job(id).getState()).isEqualTo(JobState.JOB_STATE_COMPLETE);
    assertThat(manager.health().details()).containsEntry("jobs_completed", "1");
  }

  @Test
  void orderWhoseAnswerWasLostIsSentAgainAndStartsOnce() throws Exception {
    round();
    String id = spawn("sleeper");
    bench.cell.cut(Bench.SELF);
    round();
    assertThat(state.job(id).getState()).isEqualTo(JobState.JOB_STATE_CLAIMED);
    bench.cell.serve(Bench.SELF, bench.supervisor.services());
    ahead = ahead.plusSeconds(30);
    round();
    ahead = ahead.plusSeconds(30);
    round();
    assertThat(bench.audit.stream().filter(e -> e.kind().equals("job-start"))).hasSize(1);
    assertThat(state.job(id).getAttempt()).isEqualTo(1);
  }

  @Test
  void orderWithoutAnAnswerStaysWithItsNodeUntilThatIsGone() throws Exception {
    round();
    String id = spawn("sleeper");
    bench.cell.cut(Bench.SELF);
    round();
    kernel.states.put(Bench.SELF, MemberState.SUSPECT);
    ahead = ahead.plusSeconds(30);
    round();
    assertThat(state.job(id).getState()).isEqualTo(JobState.JOB_STATE_CLAIMED);
    kernel.states.put(Bench.SELF, MemberState.DEAD);
    round();
    assertThat(state.job(id).getState()).isEqualTo(JobState.JOB_STATE_LOST);
    assertThat(manager.health().details()).containsEntry("hosts_offline", "1");
    assertThat(state.job(id).getAttempt()).isEqualTo(1);
  }

  @Test
  void nodeThatIsNotAliveIsNotAsked() throws Exception {
    String id = spawn("sleeper");
    kernel.states.put(OTHER, MemberState.SUSPECT);
    places.add(OTHER);
    round();
    assertThat(other.orders).hasValue(0);
    assertThat(state.job(id).getState()).isEqualTo(JobState.JOB_STATE_PENDING);
    assertThat(state.job(id).getAttempt()).isZero();
  }

  @Test
  void nodeThatGivesNoAnswerRestsAndItsOtherJobsGoBack() throws Exception {
    other.onOrder =
        () -> {
          throw new Refusal(Reason.UNREACHABLE, "the answer is lost");
        };
    places.addAll(List.of(OTHER, OTHER));
    String first = spawn("sleeper");
    String second = spawn("sleeper");
    round();
    assertThat(other.orders).hasValue(1);
    assertThat(state.job(first).getState()).isEqualTo(JobState.JOB_STATE_CLAIMED);
    assertThat(state.job(second).getState()).isEqualTo(JobState.JOB_STATE_PENDING);
    places.add(OTHER);
    round();
    assertThat(other.orders).hasValue(1);
    ahead = ahead.plusSeconds(30);
    round();
    assertThat(other.orders).hasValue(2);
  }

  @Test
  void nodeThatCannotBeComparedIsNotAskedAgainAtOnce() throws Exception {
    other.onList =
        () -> {
          throw new Refusal(Reason.UNREACHABLE, "the answer is lost");
        };
    round();
    round();
    assertThat(other.lists).hasValue(1);
    ahead = ahead.plusSeconds(30);
    round();
    round();
    assertThat(other.lists).hasValue(2);
  }

  @Test
  void newLeaderIsKnownEverywhereBeforeItsFirstEffect() throws Exception {
    spawn("sleeper");
    places.add(OTHER);
    other.onOrder = () -> assertThat(bench.gate.greatest()).isEqualTo(new Epoch(7));
    round();
    assertThat(other.orders).hasValue(1);
    assertThat(other.fence.getEpoch()).isEqualTo(7);
    assertThat(other.fence.getLeaderId()).isEqualTo(Bench.LEADER.value());
    assertThatThrownBy(
            () ->
                bench.supervisor.order(
                    new Fence(new Epoch(6), OTHER), Bench.order("late", 1, 1, "sleeper")))
        .hasMessageContaining("order of epoch 6");
  }

  @Test
  void nodeThatDoesNotAnswerTheFirstLookHoldsUpNobodyElse() throws Exception {
    var answer = new CountDownLatch(1);
    other.onList = () -> awaitQuietly(answer);
    String id = spawn("echo");
    round();
    answer.countDown();
    assertThat(bench.gate.greatest()).isEqualTo(new Epoch(7));
    assertThat(state.job(id).getNodeId()).isEqualTo(Bench.SELF.value());
    assertThat(manager.health().details().get("to_compare"))
        .contains(OTHER.value())
        .doesNotContain(Bench.SELF.value());
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      var _ = latch.await(20, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void ordersOfDifferentNodesGoSideBySide() throws Exception {
    String there = spawn("sleeper");
    places.add(OTHER);
    String here = spawn("echo");
    // The other node answers only once this one has its order.
    other.onOrder = () -> await().until(() -> !bench.supervisor.table().ofJob(here).isEmpty());
    round();
    assertThat(manager.health().details()).containsEntry("dispatched", "2");
    assertThat(state.job(there).getNodeId()).isEqualTo(OTHER.value());
  }

  @Test
  void nodeThatKnowsANewerEpochDoesNotHoldUpTheOthers() throws Exception {
    bench.gate.learn(new Epoch(9));
    String refused = spawn("sleeper");
    String taken = spawn("sleeper");
    places.addAll(List.of(Bench.SELF, OTHER));
    round();
    assertThat(other.orders).hasValue(1);
    assertThat(state.job(taken).getState()).isEqualTo(JobState.JOB_STATE_CLAIMED);
    assertThat(state.job(refused).getState()).isEqualTo(JobState.JOB_STATE_PENDING);
  }

  @Test
  void cancelThatANodeRefusesDoesNotHoldUpTheOthers() throws Exception {
    String id = spawn("sleeper");
    round();
    bench.awaitState(id, JobState.JOB_STATE_RUNNING);
    bench.gate.learn(new Epoch(9));
    stub().cancelJob(CancelJobRequest.newBuilder().setJobId(id).build());
    spawn("sleeper");
    places.add(OTHER);
    round();
    assertThat(other.orders).hasValue(1);
  }

  @Test
  void jobsOfADeadNodeAreLostAndFoundAgainWhenItReturns() throws Exception {
    String id = spawn("sleeper");
    round();
    bench.awaitState(id, JobState.JOB_STATE_RUNNING);
    kernel.states.put(Bench.SELF, MemberState.DEAD);
    round();
    assertThat(state.job(id).getState()).isEqualTo(JobState.JOB_STATE_LOST);
    kernel.states.put(Bench.SELF, MemberState.ALIVE);
    round();
    assertThat(state.job(id).getState()).isEqualTo(JobState.JOB_STATE_RUNNING);
  }

  @Test
  void cancelStopsTheProcess() throws Exception {
    String id = spawn("sleeper");
    round();
    bench.awaitState(id, JobState.JOB_STATE_RUNNING);
    stub().cancelJob(CancelJobRequest.newBuilder().setJobId(id).build());
    round();
    bench.awaitClosed(id);
    report();
    assertThat(state.job(id).getState()).isEqualTo(JobState.JOB_STATE_CANCELLED);
    assertThat(manager.health().details()).containsEntry("jobs_cancelled", "1");
  }

  @Test
  void jobThatWaitedTooLongExpires() throws Exception {
    String id = spawn("echo");
    state.ledgerMillis += 300_001;
    round();
    assertThat(state.job(id).getState()).isEqualTo(JobState.JOB_STATE_EXPIRED);
  }

  @Test
  void deposedLeaderDoesNothing() throws Exception {
    String id = spawn("echo");
    kernel.leads = false;
    assertThatThrownBy(this::round).hasMessageContaining("office of epoch 7 is over");
    assertThat(state.job(id).getState()).isEqualTo(JobState.JOB_STATE_PENDING);
  }
}
