package io.ringrift.managers.job;

import io.grpc.Context;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.ringrift.common.v1.ReadConsistency;
import io.ringrift.job.v1.CancelJobRequest;
import io.ringrift.job.v1.CancelJobResponse;
import io.ringrift.job.v1.CheckJobsRequest;
import io.ringrift.job.v1.CheckJobsResponse;
import io.ringrift.job.v1.ExplainJobRequest;
import io.ringrift.job.v1.ExplainJobResponse;
import io.ringrift.job.v1.GetJobRequest;
import io.ringrift.job.v1.GetJobResponse;
import io.ringrift.job.v1.Job;
import io.ringrift.job.v1.JobServiceGrpc;
import io.ringrift.job.v1.JobState;
import io.ringrift.job.v1.ListJobsRequest;
import io.ringrift.job.v1.ListJobsResponse;
import io.ringrift.job.v1.ReportProcessRequest;
import io.ringrift.job.v1.ReportProcessResponse;
import io.ringrift.job.v1.SpawnJobRequest;
import io.ringrift.job.v1.SpawnJobResponse;
import io.ringrift.job.v1.SpawnSelfplayRequest;
import io.ringrift.job.v1.SpawnSelfplayResponse;
import io.ringrift.job.v1.SpawnTrainingRequest;
import io.ringrift.job.v1.SpawnTrainingResponse;
import io.ringrift.job.v1.WatchJobRequest;
import io.ringrift.job.v1.WatchJobResponse;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.wire.Errors;
import io.ringrift.managers.Replies;
import io.ringrift.managers.Services;
import io.ringrift.state.v1.Command;
import io.ringrift.state.v1.CommandResult;
import io.ringrift.state.v1.ReadJobsRequest;
import io.ringrift.state.v1.ReportJob;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/// JobService as its callers see it. Writes go to the log through this node's StateService, which
/// refuses them where this node does not lead.
final class JobRpc extends JobServiceGrpc.JobServiceImplBase {
  private static final int MOST_PAGE = 1000;
  private static final int DEFAULT_PAGE = 100;
  private static final int MOST_CHECKED = 100;
  private static final Duration WATCH_BEAT = Duration.ofSeconds(2);

  private final Services services;
  private final JobTableClient table;
  private final Dispatcher dispatcher;
  private final JobOutcomes outcomes;
  private final JobSpecs specs;

  JobRpc(
      Services services,
      JobTableClient table,
      Dispatcher dispatcher,
      JobOutcomes outcomes,
      Supplier<JobConfig> config) {
    this.services = services;
    this.table = table;
    this.dispatcher = dispatcher;
    this.outcomes = outcomes;
    this.specs = new JobSpecs(services, config);
  }

  @Override
  public void spawnJob(SpawnJobRequest request, StreamObserver<SpawnJobResponse> observer) {
    Replies.unary(
        observer,
        () -> {
          CommandResult result = add(request.getRequestId(), specs.checked(request.getSpec()));
          return SpawnJobResponse.newBuilder()
              .setJob(result.getJobs(0))
              .setDuplicate(result.getDuplicate())
              .build();
        });
  }

  @Override
  public void checkJobs(CheckJobsRequest request, StreamObserver<CheckJobsResponse> observer) {
    Replies.unary(
        observer,
        () -> {
          if (request.getSpecsCount() > MOST_CHECKED) {
            throw Refusal.invalid(
                "specs", request.getSpecsCount() + " specs", "at most " + MOST_CHECKED);
          }
          for (int i = 0; i < request.getSpecsCount(); i++) {
            try {
              var _ = specs.checked(request.getSpecs(i));
            } catch (Refusal e) {
              throw e.with("index", Integer.toString(i));
            }
          }
          return CheckJobsResponse.getDefaultInstance();
        });
  }

  @Override
  public void spawnSelfplay(
      SpawnSelfplayRequest request, StreamObserver<SpawnSelfplayResponse> observer) {
    Replies.unary(
        observer,
        () -> {
          Job job = add(request.getRequestId(), specs.selfplay(request)).getJobs(0);
          return SpawnSelfplayResponse.newBuilder()
              .setSuccess(true)
              .setJobId(job.getJobId())
              .setBoardType(job.getSpec().getBoardType())
              .setNumPlayers(job.getSpec().getNumPlayers())
              .setNumGames(job.getSpec().getNumGames())
              .setEngineMode(job.getSpec().getEngineMode())
              .build();
        });
  }

  @Override
  public void spawnTraining(
      SpawnTrainingRequest request, StreamObserver<SpawnTrainingResponse> observer) {
    Replies.unary(
        observer,
        () -> {
          Job job = add(request.getRequestId(), specs.training(request)).getJobs(0);
          return SpawnTrainingResponse.newBuilder()
              .setSuccess(true)
              .setJobId(job.getJobId())
              .setWorker(job.getNodeId())
              .build();
        });
  }

  private CommandResult add(String requestId, io.ringrift.job.v1.JobSpec spec) {
    CommandResult result =
        table.apply(
            Command.newBuilder()
                .setRequestId(requestId)
                .setAddJob(io.ringrift.state.v1.AddJob.newBuilder().setSpec(spec)));
    if (!result.getDuplicate()) {
      outcomes.spawned();
    }
    return result;
  }

  @Override
  public void getJob(GetJobRequest request, StreamObserver<GetJobResponse> observer) {
    Replies.unary(
        observer,
        () -> {
          var found = table.one(request.getJobId(), request.getReadConsistency());
          return GetJobResponse.newBuilder()
              .setJob(found.getJobs(0))
              .setMeta(found.getMeta())
              .build();
        });
  }

  @Override
  public void listJobs(ListJobsRequest request, StreamObserver<ListJobsResponse> observer) {
    Replies.unary(
        observer,
        () -> {
          int size = request.getPageSize() == 0 ? DEFAULT_PAGE : request.getPageSize();
          if (size < 1 || size > MOST_PAGE) {
            throw Refusal.invalid("page_size", Integer.toString(size), "1 to " + MOST_PAGE);
          }
          var found =
              table.read(
                  ReadJobsRequest.newBuilder()
                      .addAllStates(request.getStatesList())
                      .setNodeId(request.getNodeId())
                      .setLimit(size + 1)
                      .setAfterJobId(request.getPageToken())
                      .setReadConsistency(request.getReadConsistency())
                      .build());
          List<Job> page = found.getJobsList().stream().limit(size).toList();
          return ListJobsResponse.newBuilder()
              .addAllJobs(page)
              .setNextPageToken(found.getJobsCount() > size ? page.getLast().getJobId() : "")
              .setMeta(found.getMeta())
              .build();
        });
  }

  @Override
  public void cancelJob(CancelJobRequest request, StreamObserver<CancelJobResponse> observer) {
    Replies.unary(
        observer,
        () -> {
          Job job =
              table.one(request.getJobId(), ReadConsistency.READ_CONSISTENCY_LEADER).getJobs(0);
          CommandResult result =
              table.apply(
                  Command.newBuilder()
                      .setRequestId(request.getRequestId())
                      .setCancelJob(
                          io.ringrift.state.v1.CancelJob.newBuilder().setJobId(job.getJobId())));
          return CancelJobResponse.newBuilder()
              .setJob(result.getJobsCount() == 0 ? job : result.getJobs(0))
              .build();
        });
  }

  @Override
  public void watchJob(WatchJobRequest request, StreamObserver<WatchJobResponse> observer) {
    Job first =
        table.one(request.getJobId(), ReadConsistency.READ_CONSISTENCY_UNSPECIFIED).getJobs(0);
    var call = (ServerCallStreamObserver<WatchJobResponse>) observer;
    // Set, so that a cancelled call is no error on the next answer.
    call.setOnCancelHandler(() -> {});
    Thread.ofVirtual()
        .name("watch-" + first.getJobId())
        .start(Context.current().wrap(() -> watch(first, call)));
  }

  private void watch(Job first, ServerCallStreamObserver<WatchJobResponse> call) {
    Job told = first;
    try (var hints = new StateHints(services)) {
      call.onNext(WatchJobResponse.newBuilder().setJob(told).build());
      while (!Exits.ended(told.getState()) && !call.isCancelled()) {
        hints.await(WATCH_BEAT);
        Job now =
            table.one(told.getJobId(), ReadConsistency.READ_CONSISTENCY_UNSPECIFIED).getJobs(0);
        // A slow watcher misses steps in between, never the last.
        if (!now.equals(told) && call.isReady()) {
          told = now;
          call.onNext(WatchJobResponse.newBuilder().setJob(told).build());
        }
      }
      if (!call.isCancelled()) {
        call.onCompleted();
      }
    } catch (Refusal e) {
      call.onError(Errors.toStatus(e));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void explainJob(ExplainJobRequest request, StreamObserver<ExplainJobResponse> observer) {
    Replies.unary(
        observer,
        () -> {
          Job job =
              table
                  .one(request.getJobId(), ReadConsistency.READ_CONSISTENCY_UNSPECIFIED)
                  .getJobs(0);
          var answer = ExplainJobResponse.newBuilder().setJob(job);
          if (job.getState() == JobState.JOB_STATE_PENDING) {
            var ranked = dispatcher.rank(job, Map.of());
            answer
                .addAllNodes(ranked.getNodesList())
                .setUnblock(ranked.getUnblock())
                .setQueuePosition(position(job));
          }
          return answer.build();
        });
  }

  private int position(Job job) {
    var pending =
        table
            .read(
                ReadJobsRequest.newBuilder()
                    .addStates(JobState.JOB_STATE_PENDING)
                    .setReadConsistency(ReadConsistency.READ_CONSISTENCY_UNSPECIFIED)
                    .build())
            .getJobsList()
            .reversed();
    for (int i = 0; i < pending.size(); i++) {
      if (pending.get(i).getJobId().equals(job.getJobId())) {
        return i + 1;
      }
    }
    return 0;
  }

  @Override
  public void reportProcess(
      ReportProcessRequest request, StreamObserver<ReportProcessResponse> observer) {
    Replies.unary(
        observer,
        () -> {
          CommandResult result =
              table.apply(
                  Command.newBuilder().setReportJob(ReportJob.newBuilder().setReport(request)));
          return ReportProcessResponse.newBuilder().setJob(result.getJobs(0)).build();
        });
  }
}
