package io.ringrift.chaos.run;

import com.google.protobuf.Duration;
import io.grpc.Channel;
import io.ringrift.chaos.history.Answer;
import io.ringrift.chaos.history.Operation;
import io.ringrift.common.v1.ReadConsistency;
import io.ringrift.job.v1.CancelJobRequest;
import io.ringrift.job.v1.GetJobRequest;
import io.ringrift.job.v1.Job;
import io.ringrift.job.v1.JobServiceGrpc;
import io.ringrift.job.v1.JobSpec;
import io.ringrift.job.v1.SpawnJobRequest;
import io.ringrift.queue.v1.CancelWorkRequest;
import io.ringrift.queue.v1.ClaimRef;
import io.ringrift.queue.v1.ClaimWorkRequest;
import io.ringrift.queue.v1.CompleteWorkRequest;
import io.ringrift.queue.v1.FailWorkRequest;
import io.ringrift.queue.v1.GetWorkRequest;
import io.ringrift.queue.v1.QueueServiceGrpc;
import io.ringrift.queue.v1.QueueServiceGrpc.QueueServiceBlockingStub;
import io.ringrift.queue.v1.ReleaseWorkRequest;
import io.ringrift.queue.v1.RenewWorkRequest;
import io.ringrift.queue.v1.RequeueWorkRequest;
import io.ringrift.queue.v1.StartWorkRequest;
import io.ringrift.queue.v1.SubmitWorkRequest;
import io.ringrift.queue.v1.WorkItem;
import io.ringrift.queue.v1.WorkSpec;
import java.util.List;
import java.util.Optional;

/// The calls that clients make, as messages.
record QueueCalls(String worker, Clients.Setup setup) {
  /// Nodes of ours do not take items of this type.
  private static final String TYPE = "chaos";

  /// So few that some items end as dead letters, which are put back.
  private static final int ATTEMPTS = 2;

  private static QueueServiceBlockingStub queue(Channel channel) {
    return QueueServiceGrpc.newBlockingStub(channel);
  }

  private WorkSpec spec(String payload) {
    return WorkSpec.newBuilder()
        .setWorkType(setup.prefix() + TYPE)
        .setPayload(payload)
        .setMaxAttempts(ATTEMPTS)
        .setClaimLease(Duration.newBuilder().setSeconds(setup.claimLease().toSeconds()))
        .build();
  }

  WorkItem submit(Channel channel, String request) {
    var submit = SubmitWorkRequest.newBuilder().setRequestId(request).addItems(spec(request));
    return queue(channel).submitWork(submit.build()).getItems(0);
  }

  List<WorkItem> submitMany(Channel channel, String request, int count) {
    var submit = SubmitWorkRequest.newBuilder().setRequestId(request).setForce(true);
    for (int i = 0; i < count; i++) {
      submit.addItems(spec(request + "/" + i));
    }
    return queue(channel).submitWork(submit.build()).getItemsList();
  }

  Optional<WorkItem> claim(Channel channel, String request) {
    var claim =
        ClaimWorkRequest.newBuilder()
            .setWorkerId(worker)
            .addCapabilities(setup.prefix() + TYPE)
            .setAcceptAnyWorkload(true)
            .setRequestId(request);
    return queue(channel).claimWork(claim.build()).getItemsList().stream().findFirst();
  }

  private ClaimRef ref(String id, long token) {
    return ClaimRef.newBuilder().setWorkId(id).setClaimToken(token).setWorkerId(worker).build();
  }

  WorkItem start(Channel channel, String id, long token) {
    var start = StartWorkRequest.newBuilder().setClaim(ref(id, token)).build();
    return queue(channel).startWork(start).getItem();
  }

  /// @return whether the claim was renewed
  boolean renew(Channel channel, String id, long token) {
    var renew = RenewWorkRequest.newBuilder().addClaims(ref(id, token)).build();
    return queue(channel).renewWork(renew).getRenewedList().contains(id);
  }

  WorkItem complete(Channel channel, String id, long token, String result) {
    var complete =
        CompleteWorkRequest.newBuilder().setClaim(ref(id, token)).setResult(result).build();
    return queue(channel).completeWork(complete).getItem();
  }

  WorkItem release(Channel channel, String id, long token) {
    var release = ReleaseWorkRequest.newBuilder().setClaim(ref(id, token)).build();
    return queue(channel).releaseWork(release).getItem();
  }

  /// @param forGood whether it is not to be tried again
  WorkItem fail(Channel channel, String id, long token, boolean forGood) {
    var fail =
        FailWorkRequest.newBuilder()
            .setClaim(ref(id, token))
            .setError("by chance")
            .setPermanent(forGood)
            .build();
    return queue(channel).failWork(fail).getItem();
  }

  WorkItem cancel(Channel channel, String id, String request) {
    var cancel = CancelWorkRequest.newBuilder().setWorkId(id).setRequestId(request).build();
    return queue(channel).cancelWork(cancel).getItem();
  }

  /// A dead letter goes back.
  WorkItem requeue(Channel channel, String id, String request) {
    var requeue = RequeueWorkRequest.newBuilder().setWorkId(id).setRequestId(request).build();
    return queue(channel).requeueWork(requeue).getItem();
  }

  Answer read(Channel channel, String id, ReadConsistency level) {
    var get = GetWorkRequest.newBuilder().setWorkId(id).setReadConsistency(level).build();
    var told = queue(channel).getWork(get);
    return answer(told.getItem()).at(told.getMeta().getAppliedIndex());
  }

  static Answer answer(WorkItem item) {
    return new Answer(
        item.getWorkId(),
        item.getState().name().replace("WORK_STATE_", ""),
        item.getClaimToken(),
        item.getClaimedBy(),
        item.getResult());
  }

  /// @return the job's id
  /// @param node where it has to run; empty for anywhere
  String spawn(Channel channel, String request, String node) {
    var spec =
        JobSpec.newBuilder()
            .setWorkload("chaos-effect")
            .setTargetNodeId(node)
            .putParams("effects", setup.effects().toString());
    var spawn = SpawnJobRequest.newBuilder().setRequestId(request).setSpec(spec).build();
    return JobServiceGrpc.newBlockingStub(channel).spawnJob(spawn).getJob().getJobId();
  }

  Answer cancelJob(Channel channel, String job, String request) {
    var cancel = CancelJobRequest.newBuilder().setJobId(job).setRequestId(request).build();
    return answer(JobServiceGrpc.newBlockingStub(channel).cancelJob(cancel).getJob());
  }

  Answer readJob(Channel channel, String job, ReadConsistency level) {
    var get = GetJobRequest.newBuilder().setJobId(job).setReadConsistency(level).build();
    var told = JobServiceGrpc.newBlockingStub(channel).getJob(get);
    return answer(told.getJob()).at(told.getMeta().getAppliedIndex());
  }

  private static Answer answer(Job job) {
    return new Answer(
        job.getJobId(),
        job.getState().name().replace("JOB_STATE_", ""),
        job.getClaimToken(),
        job.getNodeId(),
        job.getCancelRequested() ? Operation.CANCEL_REQUESTED : "");
  }
}
