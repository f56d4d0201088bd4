package io.ringrift.benchmarks;

import io.grpc.ManagedChannel;
import io.ringrift.queue.v1.ClaimRef;
import io.ringrift.queue.v1.ClaimWorkRequest;
import io.ringrift.queue.v1.CompleteWorkRequest;
import io.ringrift.queue.v1.GetQueueStatsRequest;
import io.ringrift.queue.v1.QueueServiceGrpc;
import io.ringrift.queue.v1.SubmitWorkRequest;
import io.ringrift.queue.v1.WorkItem;
import io.ringrift.queue.v1.WorkSpec;
import java.util.Collection;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/// Our queue: ClaimWork and CompleteWork at the leader, all workers over one connection.
final class RingriftQueue implements WorkQueue {
  private static final String TYPE = "bench";
  private static final int BATCH = 100;

  private final RingriftCluster cluster;
  private ManagedChannel channel;

  RingriftQueue(RingriftCluster cluster) {
    this.cluster = cluster;
    this.channel = cluster.leader();
  }

  @Override
  public String name() {
    return cluster.name();
  }

  @Override
  public Collection<Long> pids() {
    return cluster.pids();
  }

  @Override
  public void fill(int items) {
    channel = cluster.leader();
    var stats = GetQueueStatsRequest.getDefaultInstance();
    var spec =
        WorkSpec.newBuilder()
            .setWorkType(TYPE)
            .setPayload("x".repeat(WritesBenchmark.VALUE_BYTES))
            .build();
    var submit = SubmitWorkRequest.newBuilder();
    for (int i = 0; i < BATCH; i++) {
      submit.addItems(spec);
    }
    int waiting =
        answer(Calls.unary(channel, QueueServiceGrpc.getGetQueueStatsMethod(), stats)).getPending();
    for (; waiting < items; waiting += BATCH) {
      var _ = answer(Calls.unary(channel, QueueServiceGrpc.getSubmitWorkMethod(), submit.build()));
    }
  }

  private static <A> A answer(CompletableFuture<A> future) {
    try {
      return future.join();
    } catch (CompletionException e) {
      throw new SpoiledRun("the queue was not filled: " + e.getCause(), e);
    }
  }

  static ClaimWorkRequest claim(String worker) {
    return ClaimWorkRequest.newBuilder()
        .setWorkerId(worker)
        .addCapabilities(TYPE)
        .setMaxItems(1)
        .setAcceptAnyWorkload(true)
        .build();
  }

  @Override
  public Worker worker(int number) {
    return new OneWorker("worker-" + number);
  }

  private final class OneWorker implements Worker {
    private final String id;
    private final ClaimWorkRequest claim;
    private WorkItem held = WorkItem.getDefaultInstance();

    OneWorker(String id) {
      this.id = id;
      this.claim = RingriftQueue.claim(id);
    }

    @Override
    public Optional<String> claim() {
      var answer = Calls.unary(channel, QueueServiceGrpc.getClaimWorkMethod(), claim).join();
      if (answer.getItemsCount() == 0) {
        return Optional.empty();
      }
      held = answer.getItems(0);
      return Optional.of(held.getWorkId());
    }

    @Override
    public void complete() {
      var report =
          CompleteWorkRequest.newBuilder()
              .setClaim(
                  ClaimRef.newBuilder()
                      .setWorkId(held.getWorkId())
                      .setClaimToken(held.getClaimToken())
                      .setWorkerId(id))
              .build();
      Calls.unary(channel, QueueServiceGrpc.getCompleteWorkMethod(), report).join();
    }
  }
}
