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
import java.util.List;
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

  static ClaimWorkRequest claim(String worker, int lease) {
    return ClaimWorkRequest.newBuilder()
        .setWorkerId(worker)
        .addCapabilities(TYPE)
        .setMaxItems(lease)
        .setAcceptAnyWorkload(true)
        .build();
  }

  static ClaimRef.Builder ref(WorkItem item, String worker) {
    return ClaimRef.newBuilder()
        .setWorkId(item.getWorkId())
        .setClaimToken(item.getClaimToken())
        .setWorkerId(worker);
  }

  @Override
  public Worker worker(int number, int lease) {
    return new OneWorker("worker-" + number, lease);
  }

  private final class OneWorker implements Worker {
    private final String id;
    private final ClaimWorkRequest claim;
    private List<WorkItem> held = List.of();

    OneWorker(String id, int lease) {
      this.id = id;
      this.claim = RingriftQueue.claim(id, lease);
    }

    @Override
    public List<String> claim() {
      var answer = Calls.unary(channel, QueueServiceGrpc.getClaimWorkMethod(), claim).join();
      held = answer.getItemsList();
      return held.stream().map(WorkItem::getWorkId).toList();
    }

    @Override
    public void complete() {
      held.stream()
          .map(item -> CompleteWorkRequest.newBuilder().setClaim(ref(item, id)).build())
          .map(done -> Calls.unary(channel, QueueServiceGrpc.getCompleteWorkMethod(), done))
          .toList()
          .forEach(CompletableFuture::join);
    }
  }
}
