package io.ringrift.chaos.run;

import com.google.protobuf.Duration;
import io.grpc.Channel;
import io.ringrift.common.v1.ReadConsistency;
import io.ringrift.job.v1.CancelJobRequest;
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
import io.ringrift.queue.v1.SubmitWorkRequest;
import io.ringrift.queue.v1.WorkItem;
import io.ringrift.queue.v1.WorkSpec;
import java.util.List;
import java.util.Optional;

/// The calls that clients make, as messages.
record QueueCalls(String worker, Clients.Setup setup) {
  /// Nodes of ours do not take items of this type.
  private static final String TYPE = "chaos";

  private static QueueServiceBlockingStub queue(Channel channel) {
    return QueueServiceGrpc.newBlockingStub(channel);
  }

  private WorkSpec spec(String payload) {
    return WorkSpec.newBuilder()
        .setWorkType(setup.prefix() + TYPE)
        .setPayload(payload)
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

  WorkItem fail(Channel channel, String id, long token) {
    var fail = FailWorkRequest.newBuilder().setClaim(ref(id, token)).setError("by chance").build();
    return queue(channel).failWork(fail).getItem();
  }

  WorkItem cancel(Channel channel, String id, String request) {
    var cancel = CancelWorkRequest.newBuilder().setWorkId(id).setRequestId(request).build();
    return queue(channel).cancelWork(cancel).getItem();
  }

  WorkItem read(Channel channel, String id) {
    var get =
        GetWorkRequest.newBuilder()
            .setWorkId(id)
            .setReadConsistency(ReadConsistency.READ_CONSISTENCY_LINEARIZABLE)
            .build();
    return queue(channel).getWork(get).getItem();
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

  /// @return state of the job after it, without prefix
  String cancelJob(Channel channel, String job, String request) {
    var cancel = CancelJobRequest.newBuilder().setJobId(job).setRequestId(request).build();
    return JobServiceGrpc.newBlockingStub(channel)
        .cancelJob(cancel)
        .getJob()
        .getState()
        .name()
        .replace("JOB_STATE_", "");
  }
}
