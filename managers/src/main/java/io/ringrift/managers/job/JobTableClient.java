package io.ringrift.managers.job;

import io.grpc.StatusRuntimeException;
import io.ringrift.common.v1.Fence;
import io.ringrift.common.v1.ReadConsistency;
import io.ringrift.job.v1.Job;
import io.ringrift.job.v1.JobState;
import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.wire.Errors;
import io.ringrift.managers.Services;
import io.ringrift.state.v1.ApplyCommandRequest;
import io.ringrift.state.v1.Command;
import io.ringrift.state.v1.CommandResult;
import io.ringrift.state.v1.ReadJobsRequest;
import io.ringrift.state.v1.ReadJobsResponse;
import io.ringrift.state.v1.StateServiceGrpc;
import io.ringrift.state.v1.StateServiceGrpc.StateServiceBlockingStub;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// The replicated job table as this node's managers use it: everything through the node's own
/// StateService. Failures come as refusals.
final class JobTableClient {
  private final Services services;
  private final Duration timeout;
  private final JobOutcomes outcomes;

  /// @param outcomes sees every job that a command of this client touched
  JobTableClient(Services services, Duration timeout, JobOutcomes outcomes) {
    this.services = services;
    this.timeout = timeout;
    this.outcomes = outcomes;
  }

  StateServiceBlockingStub state() {
    return StateServiceGrpc.newBlockingStub(services.local()).withDeadlineAfter(timeout);
  }

  /// Puts a client's command through the log; the leader fills the fence.
  CommandResult apply(Command.Builder command) {
    return apply(ApplyCommandRequest.newBuilder().setCommand(command).build());
  }

  /// Puts a command of the leader's own through the log, in its epoch only.
  CommandResult apply(Epoch epoch, Command.Builder command) {
    return apply(
        ApplyCommandRequest.newBuilder()
            .setFence(
                Fence.newBuilder().setEpoch(epoch.value()).setLeaderId(services.self().value()))
            .setCommand(command)
            .build());
  }

  private CommandResult apply(ApplyCommandRequest request) {
    try {
      CommandResult result = state().applyCommand(request).getResult();
      result.getJobsList().forEach(outcomes::saw);
      return result;
    } catch (StatusRuntimeException e) {
      throw Errors.fromStatus(e);
    }
  }

  ReadJobsResponse read(ReadJobsRequest request) {
    try {
      return state().readJobs(request);
    } catch (StatusRuntimeException e) {
      throw Errors.fromStatus(e);
    }
  }

  /// The leader's view of the jobs in these states, oldest first; the limit leaves out the newest.
  List<Job> inStates(List<JobState> states, int limit) {
    return read(ReadJobsRequest.newBuilder()
            .addAllStates(states)
            .setLimit(limit)
            .setOldestFirst(true)
            .setReadConsistency(ReadConsistency.READ_CONSISTENCY_LEADER)
            .build())
        .getJobsList();
  }

  /// The one job of an id or unambiguous prefix.
  ///
  /// @throws Refusal JOB_NOT_FOUND or AMBIGUOUS_ID
  ReadJobsResponse one(String id, ReadConsistency consistency) {
    if (id.isEmpty()) {
      throw Refusal.invalid("job_id", id, "the id of a job, or a prefix of it");
    }
    ReadJobsResponse found =
        read(
            ReadJobsRequest.newBuilder()
                .setIdPrefix(id)
                .setLimit(2)
                .setReadConsistency(consistency)
                .build());
    Optional<Job> exact =
        found.getJobsList().stream().filter(job -> job.getJobId().equals(id)).findFirst();
    if (exact.isPresent()) {
      return found.toBuilder().clearJobs().addJobs(exact.get()).build();
    }
    if (found.getJobsCount() == 0) {
      throw new Refusal(
          Reason.JOB_NOT_FOUND, "no job " + id + "; ringrift job list shows those there are");
    }
    if (found.getJobsCount() > 1) {
      throw new Refusal(
          Reason.AMBIGUOUS_ID, id + " is the beginning of several job ids; give more of it");
    }
    return found;
  }
}
