package io.ringrift.chaos.real;

import static io.ringrift.chaos.real.RealCluster.soon;
import static org.assertj.core.api.Assertions.assertThat;

import io.ringrift.common.v1.ReadConsistency;
import io.ringrift.election.v1.ElectionServiceGrpc;
import io.ringrift.election.v1.GetLeadershipRequest;
import io.ringrift.job.v1.GetJobRequest;
import io.ringrift.job.v1.Job;
import io.ringrift.job.v1.JobServiceGrpc;
import io.ringrift.job.v1.JobState;
import io.ringrift.job.v1.SpawnJobRequest;
import io.ringrift.kernel.Refusal;
import io.ringrift.node.client.ClusterClient;
import io.ringrift.node.local.LocalCluster;
import io.ringrift.queue.v1.ListWorkRequest;
import io.ringrift.queue.v1.QueueServiceGrpc;
import io.ringrift.queue.v1.SubmitWorkRequest;
import io.ringrift.queue.v1.WorkItem;
import io.ringrift.queue.v1.WorkSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A deployment is stopped in one mode of consensus and started in another.
@Timeout(300)
class CarryOverTest {
  @TempDir private Path folder;

  private LocalCluster cluster;
  private Path gate;
  private final List<String> acknowledged = new ArrayList<>();

  @BeforeEach
  void make() throws IOException {
    cluster = RealCluster.cluster(folder.resolve("cluster"), Scripts.CONFIG);
    gate = folder.resolve("gate");
  }

  @AfterEach
  void end() throws IOException {
    if (!Files.exists(gate)) {
      Scripts.open(gate);
    }
    cluster.close();
  }

  private void startAll(String mode) throws IOException {
    for (String node : cluster.nodes()) {
      cluster.start(node, "--consensus-mode", mode);
    }
    RealCluster.leader(cluster, cluster.nodes(), Duration.ofMinutes(2));
  }

  private ClusterClient client() {
    return new ClusterClient(cluster.addresses(), Optional.empty(), Duration.ofSeconds(40));
  }

  private void submit(String requestId) {
    try (var client = client()) {
      var request =
          SubmitWorkRequest.newBuilder()
              .setRequestId(requestId)
              .addItems(WorkSpec.newBuilder().setWorkType("soil"))
              .build();
      var answer = client.call(c -> QueueServiceGrpc.newBlockingStub(c).submitWork(request));
      acknowledged.add(answer.getItems(0).getWorkId());
    }
  }

  private String spawn() {
    try (var client = client()) {
      var request =
          SpawnJobRequest.newBuilder()
              .setRequestId("the-job")
              .setSpec(Jobs.gated("", gate))
              .build();
      return client
          .call(c -> JobServiceGrpc.newBlockingStub(c).spawnJob(request))
          .getJob()
          .getJobId();
    }
  }

  /// Without a state while nobody can tell.
  private Job job(String id) {
    try (var client = client()) {
      var request =
          GetJobRequest.newBuilder()
              .setJobId(id)
              .setReadConsistency(ReadConsistency.READ_CONSISTENCY_LEADER)
              .build();
      return client.call(c -> JobServiceGrpc.newBlockingStub(c).getJob(request)).getJob();
    } catch (Refusal notYet) {
      return Job.getDefaultInstance();
    }
  }

  private long awaitRunning(String id) {
    return soon()
        .until(
            () -> job(id), job -> job.getState() == JobState.JOB_STATE_RUNNING && job.getPid() > 0)
        .getPid();
  }

  private List<String> items() {
    try (var client = client()) {
      return client
          .call(
              c ->
                  QueueServiceGrpc.newBlockingStub(c)
                      .listWork(
                          ListWorkRequest.newBuilder()
                              .setReadConsistency(ReadConsistency.READ_CONSISTENCY_LINEARIZABLE)
                              .build()))
          .getItemsList()
          .stream()
          .map(WorkItem::getWorkId)
          .toList();
    } catch (Refusal notYet) {
      return List.of(notYet.text());
    }
  }

  /// A node that begins again may not know yet who leads.
  private long epochAbove(long before) {
    return soon().until(this::epoch, epoch -> epoch > before);
  }

  /// 0 while the node that answers knows no leader.
  private long epoch() {
    try (var client = client()) {
      var leadership =
          client.call(
              c ->
                  ElectionServiceGrpc.newBlockingStub(c)
                      .getLeadership(GetLeadershipRequest.getDefaultInstance()));
      return leadership.getLeaderId().isEmpty() ? 0 : leadership.getEpoch();
    }
  }

  private void expectEverything() {
    soon()
        .untilAsserted(() -> assertThat(items()).containsExactlyInAnyOrderElementsOf(acknowledged));
  }

  @Test
  void stateJobAndEpochGoAlongToRaftToHybridAndBack() throws IOException, InterruptedException {
    startAll("bully");
    submit("in-bully-1");
    submit("in-bully-2");
    String job = spawn();
    long pid = awaitRunning(job);
    long inBully = epochAbove(0);
    cluster.killAll(cluster.nodes());

    startAll("raft");
    expectEverything();
    assertThat(awaitRunning(job)).isEqualTo(pid);
    submit("in-raft");
    long inRaft = epochAbove(inBully);
    cluster.killAll(cluster.nodes());

    startAll("hybrid");
    expectEverything();
    assertThat(awaitRunning(job)).isEqualTo(pid);
    submit("in-hybrid");
    long inHybrid = epochAbove(inRaft);
    cluster.killAll(cluster.nodes());

    startAll("bully");
    expectEverything();
    submit("in-bully-3");
    expectEverything();
    epochAbove(inHybrid);
    assertThat(awaitRunning(job)).isEqualTo(pid);
    Scripts.open(gate);
    soon().until(() -> job(job).getState() == JobState.JOB_STATE_COMPLETE);
    assertThat(job(job).getAttempt()).isEqualTo(1);
    assertThat(Scripts.started(gate)).containsExactly(pid);
    assertThat(Scripts.ended(gate)).containsExactly(pid);
  }
}
