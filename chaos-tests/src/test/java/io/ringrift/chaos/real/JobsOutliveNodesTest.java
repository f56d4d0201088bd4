package io.ringrift.chaos.real;

import static io.ringrift.chaos.real.RealCluster.soon;
import static org.assertj.core.api.Assertions.assertThat;

import io.ringrift.job.v1.Job;
import io.ringrift.job.v1.JobSpec;
import io.ringrift.job.v1.JobState;
import io.ringrift.job.v1.ListProcessesRequest;
import io.ringrift.job.v1.ProcessServiceGrpc;
import io.ringrift.queue.v1.WorkItem;
import io.ringrift.queue.v1.WorkSpec;
import io.ringrift.queue.v1.WorkState;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Processes of jobs die alone, node processes die with jobs below them, and all nodes die at once.
@Timeout(180)
class JobsOutliveNodesTest {
  @RegisterExtension static final RealCluster CLUSTER = new RealCluster();

  private final Jobs jobs = new Jobs(CLUSTER);

  @Test
  void jobOfAKilledNodeGoesOnAndIsAdoptedOnce() throws IOException, InterruptedException {
    String worker = CLUSTER.follower();
    Path gate = CLUSTER.scratch().resolve("gate");
    String id = jobs.spawn(Jobs.gated(worker, gate));
    long pid = jobs.awaitRunning(id).getPid();

    CLUSTER.local().kill(worker);
    jobs.await(id, JobState.JOB_STATE_LOST);
    assertThat(Scripts.alive(pid)).isTrue();
    CLUSTER.restart(worker);

    Job adopted = jobs.awaitRunning(id);
    assertThat(adopted.getPid()).isEqualTo(pid);
    assertThat(adoptedPids(worker)).contains(pid);
    assertThat(Scripts.alive(pid)).isTrue();
    Scripts.open(gate);
    Job complete = jobs.await(id, JobState.JOB_STATE_COMPLETE);
    assertThat(complete.getAttempt()).isEqualTo(1);
    assertThat(complete.getNodeId()).isEqualTo(worker);
    assertThat(Scripts.started(gate)).containsExactly(pid);
    assertThat(Scripts.ended(gate)).containsExactly(pid);
  }

  private static List<Long> adoptedPids(String node) {
    return CLUSTER
        .on(
            node,
            c ->
                ProcessServiceGrpc.newBlockingStub(c)
                    .listProcesses(ListProcessesRequest.getDefaultInstance()))
        .getProcessesList()
        .stream()
        .filter(p -> p.getAdopted())
        .map(p -> p.getPid())
        .toList();
  }

  @Test
  void jobThatEndsWhileItsNodeIsDownIsReportedByTheRestart()
      throws IOException, InterruptedException {
    String worker = CLUSTER.follower();
    Path gate = CLUSTER.scratch().resolve("gate");
    String id = jobs.spawn(Jobs.gated(worker, gate));
    long pid = jobs.awaitRunning(id).getPid();

    CLUSTER.local().kill(worker);
    Scripts.open(gate);
    soon().until(() -> !Scripts.alive(pid));
    CLUSTER.restart(worker);

    assertThat(jobs.await(id, JobState.JOB_STATE_COMPLETE).getAttempt()).isEqualTo(1);
    assertThat(Scripts.started(gate)).containsExactly(pid);
  }

  @Test
  void jobWhoseProcessIsKilledFailsWithTheSignalTold() throws IOException {
    Path gate = CLUSTER.scratch().resolve("gate");
    String id = jobs.spawn(Jobs.gated("", gate));
    long pid = jobs.awaitRunning(id).getPid();

    assertThat(ProcessHandle.of(pid).orElseThrow().destroyForcibly()).isTrue();

    Job failed = jobs.await(id, JobState.JOB_STATE_FAILED);
    assertThat(failed.getExit().getSignal()).isEqualTo(9);
    assertThat(failed.getExit().getCause()).isEqualTo("signal");
    assertThat(Scripts.started(gate)).containsExactly(pid);
  }

  @Test
  void workItemWhoseProcessIsKilledIsTriedAgain() {
    WorkItem item =
        jobs.submit(
            WorkSpec.newBuilder()
                .setWorkType("selfplay")
                .setJob(JobSpec.newBuilder().setWorkload(Scripts.DIES_ONCE)));

    WorkItem done = jobs.awaitWork(item.getWorkId(), WorkState.WORK_STATE_COMPLETED);

    assertThat(done.getAttempts()).isEqualTo(2);
  }

  @Test
  void everythingAcknowledgedOutlivesTheEndOfAllNodes() throws IOException, InterruptedException {
    Path gate = CLUSTER.scratch().resolve("gate");
    var jobIds = new ArrayList<String>();
    var workIds = new ArrayList<String>();
    for (int i = 0; i < 6; i++) {
      jobIds.add(jobs.spawn(Jobs.gated("", gate)));
      workIds.add(jobs.submit(WorkSpec.newBuilder().setWorkType("survey")).getWorkId());
    }
    jobIds.forEach(jobs::awaitRunning);
    long epoch = epoch(CLUSTER.leader());

    CLUSTER.local().killAll(CLUSTER.nodes());
    for (String node : CLUSTER.nodes()) {
      CLUSTER.local().start(node);
    }
    CLUSTER.nodes().forEach(CLUSTER::awaitReady);

    assertThat(epoch(CLUSTER.leader())).isGreaterThan(epoch);
    assertThat(jobs.all()).extracting(Job::getJobId).containsAll(jobIds);
    assertThat(jobs.allWork()).extracting(WorkItem::getWorkId).containsAll(workIds);
    Scripts.open(gate);
    for (String id : jobIds) {
      assertThat(jobs.await(id, JobState.JOB_STATE_COMPLETE).getAttempt()).isEqualTo(1);
    }
    assertThat(Scripts.started(gate)).hasSize(jobIds.size()).doesNotHaveDuplicates();
    assertThat(Scripts.ended(gate)).hasSize(jobIds.size());
    for (int i = 0; i < workIds.size(); i++) {
      assertThat(jobs.claim("survey", "surveyor", 5))
          .extracting(WorkItem::getWorkId)
          .first()
          .isEqualTo(workIds.get(i));
    }
  }

  private static long epoch(String node) {
    return new Http(CLUSTER.local().address(node)).get("/status").body().path("epoch").asLong();
  }
}
