package io.ringrift.managers.job;

import io.grpc.stub.StreamObserver;
import io.ringrift.job.v1.Job;
import io.ringrift.job.v1.JobState;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.state.v1.ApplyCommandRequest;
import io.ringrift.state.v1.ApplyCommandResponse;
import io.ringrift.state.v1.Command;
import io.ringrift.state.v1.CommandResult;
import io.ringrift.state.v1.GetStateRequest;
import io.ringrift.state.v1.GetStateResponse;
import io.ringrift.state.v1.ReadJobsRequest;
import io.ringrift.state.v1.ReadJobsResponse;
import io.ringrift.state.v1.StateServiceGrpc.StateServiceImplBase;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// A job table in memory that obeys every legal command.
final class FakeState extends StateServiceImplBase {
  final Map<String, Job> jobs = new LinkedHashMap<>();
  long ledgerMillis = 1000;
  private long tokens;

  @Override
  public synchronized void applyCommand(
      ApplyCommandRequest request, StreamObserver<ApplyCommandResponse> observer) {
    Job job = apply(request.getCommand());
    jobs.put(job.getJobId(), job);
    observer.onNext(
        ApplyCommandResponse.newBuilder()
            .setResult(CommandResult.newBuilder().addJobs(job))
            .build());
    observer.onCompleted();
  }

  private Job apply(Command command) {
    return switch (command.getActionCase()) {
      case ADD_JOB ->
          Job.newBuilder()
              .setJobId("job" + (jobs.size() + 1))
              .setSpec(command.getAddJob().getSpec())
              .setState(JobState.JOB_STATE_PENDING)
              .setCreateLedgerMillis(ledgerMillis)
              .build();
      case ASSIGN_JOB -> {
        Job job = job(command.getAssignJob().getJobId());
        yield job.toBuilder()
            .setState(JobState.JOB_STATE_CLAIMED)
            .setNodeId(command.getAssignJob().getNodeId())
            .setAttempt(job.getAttempt() + 1)
            .setClaimToken(++tokens)
            .build();
      }
      case UNASSIGN_JOB -> {
        Job job = job(command.getUnassignJob().getJobId());
        var back = job.toBuilder().clearNodeId().setAttempt(job.getAttempt() - 1);
        if (command.getUnassignJob().getExcludeNode()) {
          back.addRefusedNodeIds(job.getNodeId());
        }
        yield back.setState(
                job.getCancelRequested()
                    ? JobState.JOB_STATE_CANCELLED
                    : JobState.JOB_STATE_PENDING)
            .setDetail(command.getUnassignJob().getCause())
            .build();
      }
      case REPORT_JOB -> {
        var report = command.getReportJob().getReport();
        Job job = job(report.getJobId());
        if (job.getClaimToken() != report.getClaimToken()) {
          throw new Refusal(Reason.STALE_CLAIM, "another claim");
        }
        yield job.toBuilder().setState(report.getState()).setExit(report.getExit()).build();
      }
      case CANCEL_JOB ->
          job(command.getCancelJob().getJobId()).toBuilder().setCancelRequested(true).build();
      case EXPIRE_JOBS ->
          job(command.getExpireJobs().getJobIds(0)).toBuilder()
              .setState(JobState.JOB_STATE_EXPIRED)
              .build();
      case LOSE_JOBS ->
          jobs.values().stream()
              .filter(job -> job.getNodeId().equals(command.getLoseJobs().getNodeId()))
              .findFirst()
              .orElseThrow()
              .toBuilder()
              .setState(JobState.JOB_STATE_LOST)
              .build();
      default -> throw new IllegalStateException(command.getActionCase().name());
    };
  }

  synchronized Job job(String id) {
    Job job = jobs.get(id);
    if (job == null) {
      throw new Refusal(Reason.JOB_NOT_FOUND, id);
    }
    return job;
  }

  @Override
  public synchronized void readJobs(
      ReadJobsRequest request, StreamObserver<ReadJobsResponse> observer) {
    List<Job> found =
        jobs.values().stream()
            .filter(job -> job.getJobId().startsWith(request.getIdPrefix()))
            .filter(
                job ->
                    request.getStatesCount() == 0
                        || request.getStatesList().contains(job.getState()))
            .toList();
    observer.onNext(
        ReadJobsResponse.newBuilder()
            .addAllJobs(request.getOldestFirst() ? found : found.reversed())
            .build());
    observer.onCompleted();
  }

  @Override
  public synchronized void getState(
      GetStateRequest request, StreamObserver<GetStateResponse> observer) {
    observer.onNext(GetStateResponse.newBuilder().setLedgerMillis(ledgerMillis).build());
    observer.onCompleted();
  }
}
