package io.ringrift.managers.state;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.stub.StreamObserver;
import io.ringrift.job.v1.JobSpec;
import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.Membership;
import io.ringrift.kernel.time.Ticker;
import io.ringrift.managers.Services;
import io.ringrift.managers.watch.ClusterWatch;
import io.ringrift.managers.watch.ScaleConfig;
import io.ringrift.managers.watch.Scaler;
import io.ringrift.managers.watch.WatchConfig;
import io.ringrift.placement.v1.ListNodesRequest;
import io.ringrift.placement.v1.ListNodesResponse;
import io.ringrift.placement.v1.NodeFacts;
import io.ringrift.placement.v1.PlacementServiceGrpc;
import io.ringrift.selfplay.v1.GetTargetsRequest;
import io.ringrift.selfplay.v1.GetTargetsResponse;
import io.ringrift.selfplay.v1.SelfplayServiceGrpc;
import io.ringrift.state.v1.AddJob;
import io.ringrift.state.v1.ApplyCommandRequest;
import io.ringrift.state.v1.AssignJob;
import io.ringrift.state.v1.Command;
import io.ringrift.state.v1.StateServiceGrpc;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// A node under pressure is relieved down to what the scheduler says, asked over gRPC.
final class ShedToTargetTest extends QueueBed {
  private static final int UNKNOWN = -1;

  private int target;

  @Override
  void serve(InProcessServerBuilder builder, Membership membership, Services services) {
    builder.addService(new Nodes()).addService(new Targets());
  }

  private static final class Nodes extends PlacementServiceGrpc.PlacementServiceImplBase {
    @Override
    public void listNodes(ListNodesRequest request, StreamObserver<ListNodesResponse> observer) {
      var answer = ListNodesResponse.newBuilder();
      answer
          .addNodesBuilder()
          .setNodeId("n2")
          .setState("ALIVE")
          .setFacts(NodeFacts.newBuilder().setMaxJobs(4).setSelfplayJobs(4).setMemoryPercent(76));
      observer.onNext(answer.build());
      observer.onCompleted();
    }
  }

  private final class Targets extends SelfplayServiceGrpc.SelfplayServiceImplBase {
    @Override
    public void getTargets(GetTargetsRequest request, StreamObserver<GetTargetsResponse> observer) {
      var answer = GetTargetsResponse.newBuilder();
      if (target != UNKNOWN) {
        answer.addTargetsBuilder().setNodeId("n2").setTotalJobs(target);
      }
      observer.onNext(answer.build());
      observer.onCompleted();
    }
  }

  /// Nothing is scaled here.
  private static final class NoScaler implements Scaler {
    @Override
    public boolean mayRemove(String nodeId) {
      return false;
    }

    @Override
    public void add(int count, String key) {}

    @Override
    public void remove(String nodeId, String key) {}
  }

  private void apply(Command.Builder command) {
    var _ =
        StateServiceGrpc.newBlockingStub(channel)
            .applyCommand(ApplyCommandRequest.newBuilder().setCommand(command).build());
  }

  @ParameterizedTest
  @CsvSource({"3,1", "1,3", UNKNOWN + ",2"})
  void fourJobsAreShedDownToTheTargetAndWithoutOneToHalf(int told, long shed)
      throws InterruptedException {
    target = told;
    for (int i = 0; i < 4; i++) {
      String id = "job-" + i;
      var spec = JobSpec.newBuilder().setJobType("selfplay");
      apply(Command.newBuilder().setAddJob(AddJob.newBuilder().setJobId(id).setSpec(spec)));
      apply(Command.newBuilder().setAssignJob(AssignJob.newBuilder().setJobId(id).setNodeId("n2")));
    }
    var watch =
        new ClusterWatch(
            services(),
            membership(),
            consensus,
            WatchConfig.of(true, ScaleConfig.DEFAULT),
            new NoScaler(),
            Ticker.system(),
            () -> {});
    var loop = watch.loops().stream().filter(l -> l.name().equals("job_management")).findFirst();
    loop.orElseThrow().round().run(Optional.of(new Epoch(1)));
    assertThat(loop.orElseThrow().counters().read()).containsEntry("jobs_shed", shed);
  }
}
