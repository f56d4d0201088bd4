package io.ringrift.managers.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.BindableService;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import io.ringrift.job.v1.CheckJobsRequest;
import io.ringrift.job.v1.JobServiceGrpc;
import io.ringrift.job.v1.JobSpec;
import io.ringrift.job.v1.SpawnJobRequest;
import io.ringrift.job.v1.SpawnSelfplayRequest;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.time.Ticker;
import io.ringrift.kernel.wire.Errors;
import io.ringrift.placement.v1.ListNodesRequest;
import io.ringrift.placement.v1.ListNodesResponse;
import io.ringrift.placement.v1.PlacementServiceGrpc.PlacementServiceImplBase;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What is refused before it reaches the log.
final class SpawnChecksTest {
  private static final NodeId SELF = new NodeId("n1");

  /// Knows no node but this one's templates.
  private static final class Placement extends PlacementServiceImplBase {
    @Override
    public void listNodes(ListNodesRequest request, StreamObserver<ListNodesResponse> observer) {
      observer.onNext(ListNodesResponse.getDefaultInstance());
      observer.onCompleted();
    }
  }

  private final Cell cell = new Cell();
  private final FakeState state = new FakeState();
  private final FakeKernel kernel = new FakeKernel();
  private final JobManager manager =
      new JobManager(
          cell.of(SELF),
          kernel.membership(),
          kernel.consensus(),
          Ticker.system(),
          () ->
              JobConfig.defaults(
                  List.of(Bench.shell("echo", "echo {board}"), Bench.shell("selfplay", "sleep 60")),
                  Duration.ofSeconds(2),
                  Duration.ofSeconds(1)));

  @BeforeEach
  void open() {
    List<BindableService> services = new ArrayList<>(manager.services());
    services.add(state);
    services.add(new Placement());
    cell.serve(SELF, services);
  }

  @AfterEach
  void close() {
    manager.close();
    cell.close();
  }

  private JobServiceGrpc.JobServiceBlockingStub stub() {
    return JobServiceGrpc.newBlockingStub(cell.of(SELF).local());
  }

  private void spawn(String workload) {
    var _ =
        stub()
            .spawnJob(
                SpawnJobRequest.newBuilder()
                    .setSpec(JobSpec.newBuilder().setWorkload(workload))
                    .build());
  }

  @Test
  void unknownWorkloadIsNamedWithThoseThatAreDeclared() {
    assertThatThrownBy(() -> spawn("nonesuch"))
        .isInstanceOf(StatusRuntimeException.class)
        .hasMessageContaining("nonesuch")
        .hasMessageContaining("selfplay")
        .satisfies(
            e ->
                assertThat(Errors.fromStatus((StatusRuntimeException) e).reason())
                    .isEqualTo(Reason.WORKLOAD_NOT_FOUND));
    assertThat(state.jobs).isEmpty();
  }

  @Test
  void checkedSpecsAreRefusedAsSpawnedOnesAreAndQueueNothing() {
    var sound = JobSpec.newBuilder().setWorkload("echo");
    var request = CheckJobsRequest.newBuilder().addSpecs(sound);
    var _ = stub().checkJobs(request.build());
    for (var fault :
        List.of(
            JobSpec.newBuilder().setWorkload("nonesuch"),
            JobSpec.newBuilder().setWorkload("echo").setBoardType("moon"),
            JobSpec.newBuilder().setWorkload("echo").setNumGames(1_000_000_000),
            JobSpec.newBuilder().setWorkload("echo").putParams("nonesuch", "1"))) {
      assertThatThrownBy(() -> stub().checkJobs(request.clone().addSpecs(fault).build()))
          .satisfies(
              e ->
                  assertThat(Errors.fromStatus((StatusRuntimeException) e).details())
                      .containsEntry("index", "1"));
    }
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
