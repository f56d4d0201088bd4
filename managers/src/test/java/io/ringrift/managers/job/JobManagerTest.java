package io.ringrift.managers.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.grpc.BindableService;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import io.ringrift.job.v1.CancelJobRequest;
import io.ringrift.job.v1.JobServiceGrpc;
import io.ringrift.job.v1.JobSpec;
import io.ringrift.job.v1.JobState;
import io.ringrift.job.v1.SpawnJobRequest;
import io.ringrift.job.v1.SpawnSelfplayRequest;
import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.MemberState;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.time.Ticker;
import io.ringrift.kernel.wire.Errors;
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
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A leader, a worker with real processes, and a job table in memory.
final class JobManagerTest {
  /// Every need goes to the one worker, unless the job has been refused there.
  private static final class OneWorker extends PlacementServiceImplBase {
    @Override
    public void rankNodes(RankNodesRequest request, StreamObserver<RankNodesResponse> observer) {
      boolean fit =
          !request.getNeed().getExcludedNodeIdsList().contains(Bench.SELF.value())
              && !request.getNeed().getEngineMode().equals("gumbel-mcts");
      observer.onNext(
          RankNodesResponse.newBuilder()
              .addNodes(RankedNode.newBuilder().setNodeId(Bench.SELF.value()).setFeasible(fit))
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
            Duration.ofSeconds(2),
            Duration.ofSeconds(1),
            Duration.ofSeconds(5));
    manager =
        new JobManager(
            bench.cell.of(Bench.LEADER),
            kernel.membership(),
            kernel.consensus(),
            Ticker.system(),
            config);
    List<BindableService> services = new ArrayList<>(manager.services());
    services.add(state);
    services.add(new OneWorker());
    bench.cell.serve(Bench.LEADER, services);
    bench.cell.lead(Bench.LEADER);
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
  void jobGoesToAWorkerAndItsEndComesBack() throws Exception {
    String id = spawn("echo");
    round();
    bench.awaitClosed(id);
    report();
    assertThat(state.job(id).getState()).isEqualTo(JobState.JOB_STATE_COMPLETE);
  }

  @Test
  void orderWhoseAnswerWasLostIsSentAgainAndStartsOnce() throws Exception {
    String id = spawn("sleeper");
    bench.cell.cut(Bench.SELF);
    round();
    assertThat(state.job(id).getState()).isEqualTo(JobState.JOB_STATE_CLAIMED);
    bench.cell.serve(Bench.SELF, bench.supervisor.services());
    round();
    round();
    assertThat(bench.audit.stream().filter(e -> e.kind().equals("job-start"))).hasSize(1);
    assertThat(state.job(id).getAttempt()).isEqualTo(1);
  }

  @Test
  void orderToANodeThatIsNoLongerAliveGoesBack() throws Exception {
    String id = spawn("sleeper");
    bench.cell.cut(Bench.SELF);
    kernel.states.put(Bench.SELF, MemberState.SUSPECT);
    round();
    assertThat(state.job(id).getState()).isEqualTo(JobState.JOB_STATE_PENDING);
    assertThat(state.job(id).getAttempt()).isZero();
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

  @Test
  void unknownWorkloadIsNamedWithThoseThatAreDeclared() {
    assertThatThrownBy(() -> spawn("nonesuch"))
        .isInstanceOf(StatusRuntimeException.class)
        .hasMessageContaining("nonesuch")
        .hasMessageContaining("sleeper")
        .satisfies(
            e ->
                assertThat(Errors.fromStatus((StatusRuntimeException) e).reason())
                    .isEqualTo(Reason.WORKLOAD_NOT_FOUND));
    assertThat(state.jobs).isEmpty();
  }

  @Test
  void zeroGamesAreRefusedAndNeverReachTheLog() {
    assertThatThrownBy(
            () -> stub().spawnSelfplay(SpawnSelfplayRequest.newBuilder().setNumGames(0).build()))
        .hasMessageContaining("num_games")
        .hasMessageContaining("1 to 1000000");
    assertThat(state.jobs).isEmpty();
  }
}
