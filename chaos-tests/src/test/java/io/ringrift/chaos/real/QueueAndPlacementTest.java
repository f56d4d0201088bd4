package io.ringrift.chaos.real;

import static io.ringrift.chaos.real.RealCluster.soon;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.ringrift.job.v1.CancelJobRequest;
import io.ringrift.job.v1.JobServiceGrpc;
import io.ringrift.job.v1.JobSpec;
import io.ringrift.job.v1.JobState;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.placement.v1.PlacementServiceGrpc;
import io.ringrift.placement.v1.SetDrainRequest;
import io.ringrift.queue.v1.ClaimRef;
import io.ringrift.queue.v1.CompleteWorkRequest;
import io.ringrift.queue.v1.QueueServiceGrpc;
import io.ringrift.queue.v1.WorkItem;
import io.ringrift.queue.v1.WorkSpec;
import io.ringrift.queue.v1.WorkState;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/// What clients and operators do to a running cluster: claim, complete, cancel, drain.
@Timeout(180)
class QueueAndPlacementTest {
  @RegisterExtension static final RealCluster CLUSTER = new RealCluster();

  private final Jobs jobs = new Jobs(CLUSTER);

  @Test
  void waitingClaimOfAClientIsAnsweredWhenWorkComes() throws Exception {
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Callable<List<WorkItem>> claim = () -> jobs.claim("outside", "visitor", 9);
      var waiting = threads.submit(claim);
      soon().during(Duration.ofMillis(500)).until(() -> !waiting.isDone());
      WorkItem item = jobs.submit(WorkSpec.newBuilder().setWorkType("outside").setPayload("p"));

      assertThat(waiting.get()).extracting(WorkItem::getWorkId).containsExactly(item.getWorkId());
      WorkItem held = waiting.get().getFirst();
      var stale = catchThrowableOfType(Refusal.class, () -> complete(held, 1));
      assertThat(stale.reason()).isEqualTo(Reason.STALE_CLAIM);
      assertThat(complete(held, 0).getState()).isEqualTo(WorkState.WORK_STATE_COMPLETED);
      assertThat(jobs.work(item.getWorkId()).getResult()).isEqualTo("done");
    }
  }

  private static WorkItem complete(WorkItem item, long off) {
    var claim =
        ClaimRef.newBuilder()
            .setWorkId(item.getWorkId())
            .setWorkerId("visitor")
            .setClaimToken(item.getClaimToken() + off);
    var request = CompleteWorkRequest.newBuilder().setClaim(claim).setResult("done").build();
    return CLUSTER.call(c -> QueueServiceGrpc.newBlockingStub(c).completeWork(request)).getItem();
  }

  @Test
  void workItemThatNoNodeCouldBeginIsRefusedAtItsSubmission() {
    var item =
        WorkSpec.newBuilder()
            .setWorkType("selfplay")
            .setJob(JobSpec.newBuilder().setWorkload(Scripts.GATED));

    assertThatThrownBy(() -> jobs.submit(item))
        .hasMessageContaining("items[0].job.placeholder is \"{gate}\"");
  }

  @Test
  void cancelEndsTheWholeTreeOfAJob() throws IOException {
    Path gate = CLUSTER.scratch().resolve("gate");
    String id = jobs.spawn(Jobs.script(Scripts.TREE, "", gate));
    jobs.awaitRunning(id);
    List<Long> tree = soon().until(() -> Scripts.tree(gate), pids -> pids.size() == 3);
    assertThat(tree).allMatch(Scripts::alive);

    var request =
        CancelJobRequest.newBuilder()
            .setRequestId(UUID.randomUUID().toString())
            .setJobId(id)
            .build();
    var _ = CLUSTER.call(c -> JobServiceGrpc.newBlockingStub(c).cancelJob(request));

    assertThat(jobs.await(id, JobState.JOB_STATE_CANCELLED).getAttempt()).isEqualTo(1);
    soon().untilAsserted(() -> assertThat(tree).noneMatch(Scripts::alive));
  }

  @Test
  void drainedNodeTakesNoJobUntilTheDrainIsLifted() throws IOException {
    String node = CLUSTER.follower();
    Path gate = CLUSTER.scratch().resolve("gate");
    drain(node, true);
    try {
      String other = jobs.spawn(Jobs.gated("", gate));
      String id = jobs.spawn(Jobs.gated(node, gate));
      assertThat(jobs.awaitRunning(other).getNodeId()).isNotEqualTo(node);
      assertThat(jobs.get(id).getState()).isEqualTo(JobState.JOB_STATE_PENDING);
      drain(node, false);
      assertThat(jobs.awaitRunning(id).getNodeId()).isEqualTo(node);
      Scripts.open(gate);
      jobs.await(id, JobState.JOB_STATE_COMPLETE);
      jobs.await(other, JobState.JOB_STATE_COMPLETE);
    } finally {
      drain(node, false);
    }
  }

  private static void drain(String node, boolean drain) {
    var request =
        SetDrainRequest.newBuilder()
            .setRequestId(UUID.randomUUID().toString())
            .setNodeId(node)
            .setDrain(drain)
            .build();
    var _ = CLUSTER.call(c -> PlacementServiceGrpc.newBlockingStub(c).setDrain(request));
  }
}
