package io.ringrift.chaos.real;

import com.google.protobuf.Duration;
import io.ringrift.common.v1.ReadConsistency;
import io.ringrift.job.v1.GetJobRequest;
import io.ringrift.job.v1.Job;
import io.ringrift.job.v1.JobServiceGrpc;
import io.ringrift.job.v1.JobSpec;
import io.ringrift.job.v1.JobState;
import io.ringrift.job.v1.ListJobsRequest;
import io.ringrift.job.v1.SpawnJobRequest;
import io.ringrift.queue.v1.ClaimWorkRequest;
import io.ringrift.queue.v1.GetWorkRequest;
import io.ringrift.queue.v1.ListWorkRequest;
import io.ringrift.queue.v1.QueueServiceGrpc;
import io.ringrift.queue.v1.SubmitWorkRequest;
import io.ringrift.queue.v1.WorkItem;
import io.ringrift.queue.v1.WorkSpec;
import io.ringrift.queue.v1.WorkState;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;

/// Jobs and queue of a cluster, through the leader.
record Jobs(RealCluster cluster) {

  /// A job that waits for a gate file on one node.
  static JobSpec gated(String node, Path gate) {
    return script(Scripts.GATED, node, gate);
  }

  static JobSpec script(String workload, String node, Path gate) {
    return JobSpec.newBuilder()
        .setWorkload(workload)
        .setTargetNodeId(node)
        .putParams("gate", gate.toString())
        .build();
  }

  String spawn(JobSpec spec) {
    var request =
        SpawnJobRequest.newBuilder()
            .setRequestId(UUID.randomUUID().toString())
            .setSpec(spec)
            .build();
    return cluster
        .call(c -> JobServiceGrpc.newBlockingStub(c).spawnJob(request))
        .getJob()
        .getJobId();
  }

  Job get(String id) {
    var request =
        GetJobRequest.newBuilder()
            .setJobId(id)
            .setReadConsistency(ReadConsistency.READ_CONSISTENCY_LEADER)
            .build();
    return cluster.call(c -> JobServiceGrpc.newBlockingStub(c).getJob(request)).getJob();
  }

  List<Job> all() {
    var request =
        ListJobsRequest.newBuilder()
            .setPageSize(1000)
            .setReadConsistency(ReadConsistency.READ_CONSISTENCY_LEADER)
            .build();
    return cluster.call(c -> JobServiceGrpc.newBlockingStub(c).listJobs(request)).getJobsList();
  }

  Job await(String id, JobState state) {
    return RealCluster.soon().until(() -> get(id), job -> job.getState() == state);
  }

  /// Running, with its process known.
  Job awaitRunning(String id) {
    return RealCluster.soon()
        .until(
            () -> get(id), job -> job.getState() == JobState.JOB_STATE_RUNNING && job.getPid() > 0);
  }

  WorkItem submit(WorkSpec.Builder spec) {
    var request =
        SubmitWorkRequest.newBuilder()
            .setRequestId(UUID.randomUUID().toString())
            .addItems(spec)
            .build();
    return cluster.call(c -> QueueServiceGrpc.newBlockingStub(c).submitWork(request)).getItems(0);
  }

  WorkItem work(String id) {
    var request =
        GetWorkRequest.newBuilder()
            .setWorkId(id)
            .setReadConsistency(ReadConsistency.READ_CONSISTENCY_LEADER)
            .build();
    return cluster.call(c -> QueueServiceGrpc.newBlockingStub(c).getWork(request)).getItem();
  }

  List<WorkItem> allWork() {
    var request =
        ListWorkRequest.newBuilder()
            .setPageSize(1000)
            .setReadConsistency(ReadConsistency.READ_CONSISTENCY_LEADER)
            .build();
    return cluster.call(c -> QueueServiceGrpc.newBlockingStub(c).listWork(request)).getItemsList();
  }

  WorkItem awaitWork(String id, WorkState state) {
    return RealCluster.soon().until(() -> work(id), item -> item.getState() == state);
  }

  /// Claims one item as a client that is no node.
  List<WorkItem> claim(String type, String worker, long waitSeconds) {
    var request =
        ClaimWorkRequest.newBuilder()
            .setRequestId(UUID.randomUUID().toString())
            .setWorkerId(worker)
            .addCapabilities(type)
            .setAcceptAnyWorkload(true)
            .setWait(Duration.newBuilder().setSeconds(waitSeconds))
            .build();
    return cluster.call(c -> QueueServiceGrpc.newBlockingStub(c).claimWork(request)).getItemsList();
  }
}
