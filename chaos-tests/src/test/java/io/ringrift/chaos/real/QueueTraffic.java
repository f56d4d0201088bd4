package io.ringrift.chaos.real;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringrift.node.client.ClusterClient;
import io.ringrift.node.local.LocalCluster;
import io.ringrift.queue.v1.ClaimRef;
import io.ringrift.queue.v1.ClaimWorkRequest;
import io.ringrift.queue.v1.CompleteWorkRequest;
import io.ringrift.queue.v1.QueueServiceGrpc;
import io.ringrift.queue.v1.SubmitWorkRequest;
import io.ringrift.queue.v1.WorkItem;
import io.ringrift.queue.v1.WorkSpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/// Clients that submit, claim and complete work all the time, and remember what they were told.
final class QueueTraffic {
  private static final int WORKERS = 16;

  /// Between two rounds of a client: the nodes that begin again need the processors, too.
  private static final Duration PACE = Duration.ofMillis(20);

  /// How long half of the workers wait at the leader for work.
  private static final Duration LONG_POLL = Duration.ofSeconds(1);

  private final LocalCluster cluster;
  private final ConcurrentLinkedQueue<String> submitted = new ConcurrentLinkedQueue<>();
  private final ConcurrentLinkedQueue<String> completed = new ConcurrentLinkedQueue<>();
  private final ConcurrentLinkedQueue<String> failures = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean stopping = new AtomicBoolean();
  private final List<Thread> threads = new ArrayList<>();

  QueueTraffic(LocalCluster cluster) {
    this.cluster = cluster;
  }

  ClusterClient client() {
    return new ClusterClient(cluster.addresses(), Optional.empty(), Duration.ofSeconds(60));
  }

  void begin() {
    try (var client = client()) {
      submitOne(client);
    }
    background(this::submitOne);
    for (int i = 0; i < WORKERS; i++) {
      String worker = "worker-" + i;
      Duration wait = i % 2 == 0 ? Duration.ZERO : LONG_POLL;
      background(client -> workOnce(client, worker, wait));
    }
  }

  private void background(Consumer<ClusterClient> round) {
    threads.add(
        Thread.ofVirtual()
            .start(
                () -> {
                  try (var client = client()) {
                    while (!stopping.get()) {
                      round.accept(client);
                      LockSupport.parkNanos(PACE.toNanos());
                    }
                  } catch (RuntimeException e) {
                    failures.add(e.toString());
                  }
                }));
  }

  void submitOne(ClusterClient client) {
    var request =
        SubmitWorkRequest.newBuilder()
            .setRequestId(UUID.randomUUID().toString())
            .addItems(WorkSpec.newBuilder().setWorkType("soil"))
            .build();
    submitted.add(
        client
            .call(c -> QueueServiceGrpc.newBlockingStub(c).submitWork(request))
            .getItems(0)
            .getWorkId());
  }

  private void workOnce(ClusterClient client, String worker, Duration wait) {
    var claim =
        ClaimWorkRequest.newBuilder()
            .setWorkerId(worker)
            .addCapabilities("soil")
            .setAcceptAnyWorkload(true)
            .setRequestId(UUID.randomUUID().toString())
            .setWait(com.google.protobuf.Duration.newBuilder().setSeconds(wait.toSeconds()))
            .build();
    for (WorkItem item :
        client.call(c -> QueueServiceGrpc.newBlockingStub(c).claimWork(claim)).getItemsList()) {
      var complete =
          CompleteWorkRequest.newBuilder()
              .setClaim(
                  ClaimRef.newBuilder()
                      .setWorkId(item.getWorkId())
                      .setClaimToken(item.getClaimToken())
                      .setWorkerId(worker))
              .build();
      var _ = client.call(c -> QueueServiceGrpc.newBlockingStub(c).completeWork(complete));
      completed.add(item.getWorkId());
    }
  }

  /// Waits until every worker may have done something more.
  void awaitProgress() {
    int done = completed.size();
    RealCluster.soon().until(() -> completed.size() > done + WORKERS);
  }

  /// Ends the clients: whatever was submitted was completed, once.
  void requireNothingLostOrTwice() {
    stopping.set(true);
    RealCluster.soon().until(() -> threads.stream().noneMatch(Thread::isAlive));
    try (var client = client()) {
      RealCluster.soon()
          .untilAsserted(
              () -> {
                workOnce(client, "last", Duration.ZERO);
                assertThat(completed).containsAll(submitted);
              });
    }
    assertThat(failures).isEmpty();
    assertThat(completed).doesNotHaveDuplicates();
  }

  /// Ends the clients; waits half a minute for each.
  void end() throws InterruptedException {
    stopping.set(true);
    for (Thread thread : threads) {
      thread.join(Duration.ofSeconds(30));
    }
  }
}
