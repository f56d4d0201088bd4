package io.ringrift.managers.queue;

import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.ringrift.kernel.Epoch;
import io.ringrift.managers.LeaderHint;
import io.ringrift.managers.Replies;
import io.ringrift.queue.v1.CancelWorkRequest;
import io.ringrift.queue.v1.CancelWorkResponse;
import io.ringrift.queue.v1.ClaimWorkRequest;
import io.ringrift.queue.v1.ClaimWorkResponse;
import io.ringrift.queue.v1.CompleteWorkRequest;
import io.ringrift.queue.v1.CompleteWorkResponse;
import io.ringrift.queue.v1.ExplainWorkRequest;
import io.ringrift.queue.v1.ExplainWorkResponse;
import io.ringrift.queue.v1.FailWorkRequest;
import io.ringrift.queue.v1.FailWorkResponse;
import io.ringrift.queue.v1.GetQueueStatsRequest;
import io.ringrift.queue.v1.GetQueueStatsResponse;
import io.ringrift.queue.v1.GetWorkRequest;
import io.ringrift.queue.v1.GetWorkResponse;
import io.ringrift.queue.v1.ListWorkRequest;
import io.ringrift.queue.v1.ListWorkResponse;
import io.ringrift.queue.v1.QueueServiceGrpc;
import io.ringrift.queue.v1.ReleaseWorkRequest;
import io.ringrift.queue.v1.ReleaseWorkResponse;
import io.ringrift.queue.v1.RenewWorkRequest;
import io.ringrift.queue.v1.RenewWorkResponse;
import io.ringrift.queue.v1.RequeueWorkRequest;
import io.ringrift.queue.v1.RequeueWorkResponse;
import io.ringrift.queue.v1.StartWorkRequest;
import io.ringrift.queue.v1.StartWorkResponse;
import io.ringrift.queue.v1.SubmitWorkRequest;
import io.ringrift.queue.v1.SubmitWorkResponse;
import io.ringrift.queue.v1.WorkStreamRequest;
import io.ringrift.queue.v1.WorkStreamResponse;
import io.ringrift.state.v1.CancelWork;
import io.ringrift.state.v1.Command;
import io.ringrift.state.v1.ReadWorkRequest;
import io.ringrift.state.v1.RequeueWork;

/// QueueService: checks, then commands and reads of the replicated state.
final class QueueRpc extends QueueServiceGrpc.QueueServiceImplBase {
  private static final int DEFAULT_PAGE = 100;

  private final StateClient state;
  private final LeaderHint hint;
  private final ClaimDesk desk;
  private final WorkExplanation explanation;
  private final JobChecks jobs;
  private final QueueConfig config;

  QueueRpc(
      StateClient state,
      LeaderHint hint,
      ClaimDesk desk,
      WorkExplanation explanation,
      JobChecks jobs,
      QueueConfig config) {
    this.state = state;
    this.hint = hint;
    this.desk = desk;
    this.explanation = explanation;
    this.jobs = jobs;
    this.config = config;
  }

  @Override
  public void submitWork(SubmitWorkRequest request, StreamObserver<SubmitWorkResponse> observer) {
    Replies.unary(
        observer,
        () -> {
          var command = WorkCommands.submit(request);
          hint.requireLeader();
          jobs.check(request.getItemsList());
          var result =
              request.hasFence()
                  ? state.applyFenced(new Epoch(request.getFence().getEpoch()), command)
                  : state.apply(command);
          return WorkCommands.submitted(result);
        });
  }

  @Override
  public void claimWork(ClaimWorkRequest request, StreamObserver<ClaimWorkResponse> observer) {
    var call = (ServerCallStreamObserver<ClaimWorkResponse>) observer;
    Replies.unary(
        observer,
        () -> {
          WorkChecks.claim(request, config.longestWait().toMillis());
          hint.requireLeader();
          var answer = desk.claim(request, call::isCancelled);
          if (answer.getItemsCount() == 0) {
            hint.requireLeader();
          }
          return answer;
        });
  }

  @Override
  public void startWork(StartWorkRequest request, StreamObserver<StartWorkResponse> observer) {
    Replies.unary(observer, () -> WorkCommands.started(state.apply(WorkCommands.start(request))));
  }

  @Override
  public void renewWork(RenewWorkRequest request, StreamObserver<RenewWorkResponse> observer) {
    Replies.unary(observer, () -> WorkCommands.renewed(state.apply(WorkCommands.renew(request))));
  }

  @Override
  public void completeWork(
      CompleteWorkRequest request, StreamObserver<CompleteWorkResponse> observer) {
    Replies.unary(
        observer, () -> WorkCommands.completed(state.apply(WorkCommands.complete(request))));
  }

  @Override
  public void failWork(FailWorkRequest request, StreamObserver<FailWorkResponse> observer) {
    Replies.unary(observer, () -> WorkCommands.failed(state.apply(WorkCommands.fail(request))));
  }

  @Override
  public void releaseWork(
      ReleaseWorkRequest request, StreamObserver<ReleaseWorkResponse> observer) {
    Replies.unary(
        observer, () -> WorkCommands.released(state.apply(WorkCommands.release(request))));
  }

  @Override
  public StreamObserver<WorkStreamRequest> workStream(StreamObserver<WorkStreamResponse> observer) {
    var calls = new StreamedCalls(state, hint, desk, jobs, config);
    return new WorkStream((ServerCallStreamObserver<WorkStreamResponse>) observer, calls);
  }

  @Override
  public void cancelWork(CancelWorkRequest request, StreamObserver<CancelWorkResponse> observer) {
    Replies.unary(
        observer,
        () -> {
          hint.requireLeader();
          WorkChecks.requestId(request.getRequestId());
          String id = state.resolve(request.getWorkId()).getWorkId();
          var result =
              state.apply(
                  Command.newBuilder()
                      .setRequestId(request.getRequestId())
                      .setCancelWork(CancelWork.newBuilder().setWorkId(id)));
          return CancelWorkResponse.newBuilder().setItem(result.getItems(0)).build();
        });
  }

  @Override
  public void requeueWork(
      RequeueWorkRequest request, StreamObserver<RequeueWorkResponse> observer) {
    Replies.unary(
        observer,
        () -> {
          hint.requireLeader();
          WorkChecks.requestId(request.getRequestId());
          String id = state.resolve(request.getWorkId()).getWorkId();
          var result =
              state.apply(
                  Command.newBuilder()
                      .setRequestId(request.getRequestId())
                      .setRequeueWork(RequeueWork.newBuilder().setWorkId(id)));
          return RequeueWorkResponse.newBuilder().setItem(result.getItems(0)).build();
        });
  }

  @Override
  public void getWork(GetWorkRequest request, StreamObserver<GetWorkResponse> observer) {
    Replies.unary(
        observer,
        () -> {
          var found = state.find(request.getWorkId(), request.getReadConsistency());
          return GetWorkResponse.newBuilder()
              .setItem(found.getItems(0))
              .setMeta(found.getMeta())
              .build();
        });
  }

  @Override
  public void listWork(ListWorkRequest request, StreamObserver<ListWorkResponse> observer) {
    Replies.unary(
        observer,
        () -> {
          WorkChecks.range("page_size", request.getPageSize(), 0, WorkChecks.MOST_PAGE);
          int page = request.getPageSize() == 0 ? DEFAULT_PAGE : request.getPageSize();
          var found =
              state.read(
                  ReadWorkRequest.newBuilder()
                      .addAllStates(request.getStatesList())
                      .setClaimedBy(request.getClaimedBy())
                      .setAfterWorkId(request.getPageToken())
                      .setLimit(page + 1)
                      .setReadConsistency(request.getReadConsistency()));
          boolean more = found.getItemsCount() > page;
          var items = found.getItemsList().subList(0, Math.min(page, found.getItemsCount()));
          return ListWorkResponse.newBuilder()
              .addAllItems(items)
              .setNextPageToken(more ? items.getLast().getWorkId() : "")
              .setMeta(found.getMeta())
              .build();
        });
  }

  @Override
  public void explainWork(
      ExplainWorkRequest request, StreamObserver<ExplainWorkResponse> observer) {
    Replies.unary(observer, () -> explanation.explain(request.getWorkId()));
  }

  @Override
  public void getQueueStats(
      GetQueueStatsRequest request, StreamObserver<GetQueueStatsResponse> observer) {
    Replies.unary(
        observer,
        () -> {
          var counts = state.counts();
          var work = counts.getWorkMap();
          return GetQueueStatsResponse.newBuilder()
              .setPending(work.getOrDefault("PENDING", 0))
              .setClaimed(work.getOrDefault("CLAIMED", 0))
              .setRunning(work.getOrDefault("RUNNING", 0))
              .setCompleted(work.getOrDefault("COMPLETED", 0))
              .setFailed(work.getOrDefault("FAILED", 0))
              .setTimeout(work.getOrDefault("TIMEOUT", 0))
              .setCancelled(work.getOrDefault("CANCELLED", 0))
              .setSoftLimit(counts.getQueueSoftLimit())
              .setHardLimit(counts.getQueueHardLimit())
              .build();
        });
  }
}
