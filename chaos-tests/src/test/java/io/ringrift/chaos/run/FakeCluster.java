package io.ringrift.chaos.run;

import io.grpc.Server;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.ringrift.common.v1.ReadMeta;
import io.ringrift.job.v1.CancelJobRequest;
import io.ringrift.job.v1.CancelJobResponse;
import io.ringrift.job.v1.GetJobRequest;
import io.ringrift.job.v1.GetJobResponse;
import io.ringrift.job.v1.Job;
import io.ringrift.job.v1.JobServiceGrpc;
import io.ringrift.job.v1.JobState;
import io.ringrift.job.v1.SpawnJobRequest;
import io.ringrift.job.v1.SpawnJobResponse;
import io.ringrift.kernel.Endpoint;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.wire.Errors;
import io.ringrift.queue.v1.CancelWorkRequest;
import io.ringrift.queue.v1.CancelWorkResponse;
import io.ringrift.queue.v1.ClaimRef;
import io.ringrift.queue.v1.ClaimWorkRequest;
import io.ringrift.queue.v1.ClaimWorkResponse;
import io.ringrift.queue.v1.CompleteWorkRequest;
import io.ringrift.queue.v1.CompleteWorkResponse;
import io.ringrift.queue.v1.FailWorkRequest;
import io.ringrift.queue.v1.FailWorkResponse;
import io.ringrift.queue.v1.GetWorkRequest;
import io.ringrift.queue.v1.GetWorkResponse;
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
import io.ringrift.queue.v1.WorkItem;
import io.ringrift.queue.v1.WorkState;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/// A queue and jobs in memory behind a port, for clients of a run. Claims never run out. Any
/// thread.
final class FakeCluster implements AutoCloseable {
  private static final Set<WorkState> HELD =
      Set.of(WorkState.WORK_STATE_CLAIMED, WorkState.WORK_STATE_RUNNING);
  private static final Set<WorkState> DEAD =
      Set.of(WorkState.WORK_STATE_FAILED, WorkState.WORK_STATE_TIMEOUT);

  private final Map<String, WorkItem> items = new LinkedHashMap<>();
  private final Map<String, Job> jobs = new LinkedHashMap<>();
  private final Server server;
  private long index;
  private long tokens;

  FakeCluster() throws IOException {
    server =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .addService(new Queue())
            .addService(new Jobs())
            .build()
            .start();
  }

  Endpoint at() {
    return Endpoint.parse("127.0.0.1:" + server.getPort());
  }

  @Override
  public void close() {
    server.shutdownNow();
  }

  private synchronized <T> void answer(StreamObserver<T> to, Supplier<T> how) {
    try {
      to.onNext(how.get());
      to.onCompleted();
    } catch (Refusal refusal) {
      to.onError(Errors.toStatus(refusal));
    }
  }

  private WorkItem item(String id) {
    return Optional.ofNullable(items.get(id))
        .orElseThrow(() -> new Refusal(Reason.WORK_NOT_FOUND, "no " + id));
  }

  private WorkItem held(ClaimRef claim) {
    WorkItem item = item(claim.getWorkId());
    if (!HELD.contains(item.getState()) || item.getClaimToken() != claim.getClaimToken()) {
      throw new Refusal(Reason.STALE_CLAIM, "it is " + item.getState());
    }
    return item;
  }

  private WorkItem put(WorkItem.Builder item, WorkState state) {
    WorkItem put = item.setState(state).build();
    items.put(put.getWorkId(), put);
    index++;
    return put;
  }

  private static WorkItem.Builder unclaimed(WorkItem item) {
    return item.toBuilder().clearClaimedBy().clearClaimToken();
  }

  private ReadMeta meta() {
    return ReadMeta.newBuilder().setAppliedIndex(index).build();
  }

  private final class Queue extends QueueServiceGrpc.QueueServiceImplBase {
    @Override
    public void submitWork(SubmitWorkRequest request, StreamObserver<SubmitWorkResponse> to) {
      answer(
          to,
          () -> {
            var made =
                WorkItem.newBuilder()
                    .setWorkId("w" + (items.size() + 1))
                    .setSpec(request.getItems(0));
            return SubmitWorkResponse.newBuilder()
                .addItems(put(made, WorkState.WORK_STATE_PENDING))
                .build();
          });
    }

    @Override
    public void claimWork(ClaimWorkRequest request, StreamObserver<ClaimWorkResponse> to) {
      answer(
          to,
          () -> {
            var told = ClaimWorkResponse.newBuilder();
            items.values().stream()
                .filter(item -> item.getState() == WorkState.WORK_STATE_PENDING)
                .findFirst()
                .ifPresent(
                    item ->
                        told.addItems(
                            put(
                                item.toBuilder()
                                    .setClaimedBy(request.getWorkerId())
                                    .setClaimToken(++tokens),
                                WorkState.WORK_STATE_CLAIMED)));
            return told.build();
          });
    }

    @Override
    public void startWork(StartWorkRequest request, StreamObserver<StartWorkResponse> to) {
      answer(
          to,
          () ->
              StartWorkResponse.newBuilder()
                  .setItem(put(held(request.getClaim()).toBuilder(), WorkState.WORK_STATE_RUNNING))
                  .build());
    }

    @Override
    public void renewWork(RenewWorkRequest request, StreamObserver<RenewWorkResponse> to) {
      answer(
          to,
          () ->
              RenewWorkResponse.newBuilder()
                  .addRenewed(held(request.getClaims(0)).getWorkId())
                  .build());
    }

    @Override
    public void completeWork(CompleteWorkRequest request, StreamObserver<CompleteWorkResponse> to) {
      answer(
          to,
          () ->
              CompleteWorkResponse.newBuilder()
                  .setItem(
                      put(
                          held(request.getClaim()).toBuilder().setResult(request.getResult()),
                          WorkState.WORK_STATE_COMPLETED))
                  .build());
    }

    @Override
    public void failWork(FailWorkRequest request, StreamObserver<FailWorkResponse> to) {
      answer(
          to,
          () -> {
            WorkItem item = held(request.getClaim());
            return FailWorkResponse.newBuilder()
                .setItem(
                    request.getPermanent()
                        ? put(item.toBuilder(), WorkState.WORK_STATE_FAILED)
                        : put(unclaimed(item), WorkState.WORK_STATE_PENDING))
                .build();
          });
    }

    @Override
    public void releaseWork(ReleaseWorkRequest request, StreamObserver<ReleaseWorkResponse> to) {
      answer(
          to,
          () ->
              ReleaseWorkResponse.newBuilder()
                  .setItem(put(unclaimed(held(request.getClaim())), WorkState.WORK_STATE_PENDING))
                  .build());
    }

    @Override
    public void cancelWork(CancelWorkRequest request, StreamObserver<CancelWorkResponse> to) {
      answer(
          to,
          () -> {
            WorkItem item = item(request.getWorkId());
            if (item.getState() == WorkState.WORK_STATE_COMPLETED
                || DEAD.contains(item.getState())) {
              throw new Refusal(Reason.ILLEGAL_TRANSITION, "it is " + item.getState());
            }
            return CancelWorkResponse.newBuilder()
                .setItem(put(item.toBuilder(), WorkState.WORK_STATE_CANCELLED))
                .build();
          });
    }

    @Override
    public void requeueWork(RequeueWorkRequest request, StreamObserver<RequeueWorkResponse> to) {
      answer(
          to,
          () -> {
            WorkItem item = item(request.getWorkId());
            if (!DEAD.contains(item.getState())) {
              throw new Refusal(Reason.ILLEGAL_TRANSITION, "it is " + item.getState());
            }
            return RequeueWorkResponse.newBuilder()
                .setItem(put(unclaimed(item), WorkState.WORK_STATE_PENDING))
                .build();
          });
    }

    @Override
    public void getWork(GetWorkRequest request, StreamObserver<GetWorkResponse> to) {
      answer(
          to,
          () ->
              GetWorkResponse.newBuilder()
                  .setItem(item(request.getWorkId()))
                  .setMeta(meta())
                  .build());
    }
  }

  private final class Jobs extends JobServiceGrpc.JobServiceImplBase {
    @Override
    public void spawnJob(SpawnJobRequest request, StreamObserver<SpawnJobResponse> to) {
      answer(
          to,
          () -> {
            var job =
                Job.newBuilder()
                    .setJobId("j" + (jobs.size() + 1))
                    .setState(JobState.JOB_STATE_PENDING)
                    .build();
            jobs.put(job.getJobId(), job);
            index++;
            return SpawnJobResponse.newBuilder().setJob(job).build();
          });
    }

    @Override
    public void cancelJob(CancelJobRequest request, StreamObserver<CancelJobResponse> to) {
      answer(
          to,
          () -> {
            var job =
                Job.newBuilder()
                    .setJobId(request.getJobId())
                    .setState(JobState.JOB_STATE_CANCELLED)
                    .setCancelRequested(true)
                    .build();
            jobs.put(job.getJobId(), job);
            index++;
            return CancelJobResponse.newBuilder().setJob(job).build();
          });
    }

    @Override
    public void getJob(GetJobRequest request, StreamObserver<GetJobResponse> to) {
      answer(
          to,
          () ->
              GetJobResponse.newBuilder()
                  .setJob(jobs.getOrDefault(request.getJobId(), Job.getDefaultInstance()))
                  .setMeta(meta())
                  .build());
    }
  }
}
