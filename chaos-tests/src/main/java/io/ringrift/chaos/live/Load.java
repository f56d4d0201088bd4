package io.ringrift.chaos.live;

import com.google.protobuf.Duration;
import io.ringrift.common.v1.ReadConsistency;
import io.ringrift.kernel.Endpoint;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.time.Moment;
import io.ringrift.kernel.time.Ticker;
import io.ringrift.node.client.ClusterClient;
import io.ringrift.queue.v1.ClaimRef;
import io.ringrift.queue.v1.ClaimWorkRequest;
import io.ringrift.queue.v1.CompleteWorkRequest;
import io.ringrift.queue.v1.GetWorkRequest;
import io.ringrift.queue.v1.QueueServiceGrpc;
import io.ringrift.queue.v1.SubmitWorkRequest;
import io.ringrift.queue.v1.WorkItem;
import io.ringrift.queue.v1.WorkSpec;
import io.ringrift.queue.v1.WorkState;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/// Clients that submit, claim, complete and read at once, each repeating a call under its request
/// id until it is answered, and the history of every item.
final class Load implements AutoCloseable {
  /// Ended items that the state keeps are bounded, and each has to be found again at the end.
  private static final int MOST_COMPLETED = 15_000;

  private static final int WORKERS = 8;
  private static final int READERS = 4;
  private static final java.time.Duration PATIENCE = java.time.Duration.ofSeconds(60);

  private final List<Endpoint> addresses;
  private final Ticker ticker = Ticker.system();
  private final Map<String, ItemHistory> histories = new ConcurrentHashMap<>();
  private final List<String> known = new ArrayList<>();
  private final Queue<String> problems = new ConcurrentLinkedQueue<>();
  private final AtomicInteger completed = new AtomicInteger();
  private final AtomicInteger allowed = new AtomicInteger();
  private final AtomicInteger reads = new AtomicInteger();
  private final List<Thread> submitters = new ArrayList<>();
  private final List<Thread> others = new ArrayList<>();
  private volatile boolean submitting = true;
  private volatile boolean stopping;

  /// Submits begin once they are allowed.
  Load(List<Endpoint> addresses, int outstanding) {
    this.addresses = addresses;
    for (int i = 0; i < outstanding; i++) {
      submitters.add(start(this::submitAll));
    }
    for (int i = 0; i < WORKERS; i++) {
      String worker = "worker-" + i;
      others.add(start(client -> workAll(client, worker)));
    }
    for (int i = 0; i < READERS; i++) {
      others.add(start(this::readAll));
    }
  }

  private Thread start(Consumer<ClusterClient> task) {
    return Thread.ofVirtual()
        .start(
            () -> {
              try (var client = new ClusterClient(addresses, Optional.empty(), PATIENCE)) {
                task.accept(client);
              } catch (Refusal refusal) {
                problems.add("a client gave up: " + refusal.text());
              }
            });
  }

  /// @param more submits may be made, beside those that were allowed before
  void allow(int more) {
    allowed.addAndGet(more);
  }

  private void submitAll(ClusterClient client) {
    while (submitting) {
      if (allowed.getAndUpdate(left -> Math.max(0, left - 1)) == 0) {
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
        continue;
      }
      String request = UUID.randomUUID().toString();
      var submit =
          SubmitWorkRequest.newBuilder()
              .setRequestId(request)
              .addItems(
                  WorkSpec.newBuilder()
                      .setWorkType("chaos")
                      .setPayload(request)
                      .setClaimLease(Duration.newBuilder().setSeconds(600)))
              .build();
      Moment invoked = ticker.now();
      String id =
          client
              .call(c -> QueueServiceGrpc.newBlockingStub(c).submitWork(submit))
              .getItems(0)
              .getWorkId();
      history(id).wrote(ItemHistory.QUEUED, invoked, ticker.now());
      synchronized (known) {
        known.add(id);
      }
    }
  }

  private void workAll(ClusterClient client, String worker) {
    while (!stopping && completed.get() < MOST_COMPLETED) {
      var claim =
          ClaimWorkRequest.newBuilder()
              .setWorkerId(worker)
              .addCapabilities("chaos")
              .setAcceptAnyWorkload(true)
              .setRequestId(UUID.randomUUID().toString())
              .setWait(Duration.newBuilder().setSeconds(1))
              .build();
      Moment invoked = ticker.now();
      var items =
          client.call(c -> QueueServiceGrpc.newBlockingStub(c).claimWork(claim)).getItemsList();
      Moment returned = ticker.now();
      for (WorkItem item : items) {
        history(item.getWorkId()).wrote(ItemHistory.CLAIMED, invoked, returned);
        complete(client, worker, item);
      }
    }
  }

  private void complete(ClusterClient client, String worker, WorkItem item) {
    var complete =
        CompleteWorkRequest.newBuilder()
            .setClaim(
                ClaimRef.newBuilder()
                    .setWorkId(item.getWorkId())
                    .setClaimToken(item.getClaimToken())
                    .setWorkerId(worker))
            .build();
    Moment invoked = ticker.now();
    var _ = client.call(c -> QueueServiceGrpc.newBlockingStub(c).completeWork(complete));
    history(item.getWorkId()).wrote(ItemHistory.COMPLETED, invoked, ticker.now());
    completed.incrementAndGet();
  }

  private void readAll(ClusterClient client) {
    while (!stopping) {
      Optional<String> id = anyKnown();
      if (id.isEmpty()) {
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
        continue;
      }
      var get =
          GetWorkRequest.newBuilder()
              .setWorkId(id.get())
              .setReadConsistency(ReadConsistency.READ_CONSISTENCY_LINEARIZABLE)
              .build();
      Moment invoked = ticker.now();
      var item = client.call(c -> QueueServiceGrpc.newBlockingStub(c).getWork(get)).getItem();
      history(id.get()).read(rank(item.getState()), invoked, ticker.now());
      reads.incrementAndGet();
    }
  }

  /// The newest are read most: their histories are where writes and reads meet.
  private Optional<String> anyKnown() {
    synchronized (known) {
      if (known.isEmpty()) {
        return Optional.empty();
      }
      var chance = ThreadLocalRandom.current();
      int newest = known.size() - 1 - chance.nextInt(Math.min(known.size(), 200));
      return Optional.of(known.get(chance.nextInt(4) == 0 ? chance.nextInt(known.size()) : newest));
    }
  }

  static int rank(WorkState state) {
    return switch (state) {
      case WORK_STATE_PENDING -> ItemHistory.QUEUED;
      case WORK_STATE_COMPLETED -> ItemHistory.COMPLETED;
      default -> ItemHistory.CLAIMED;
    };
  }

  private ItemHistory history(String id) {
    return histories.computeIfAbsent(id, _ -> new ItemHistory());
  }

  /// Submits that were acknowledged.
  int acknowledged() {
    synchronized (known) {
      return known.size();
    }
  }

  int completed() {
    return completed.get();
  }

  int reads() {
    return reads.get();
  }

  /// Ids of the items whose submits were acknowledged.
  List<String> acknowledgedIds() {
    synchronized (known) {
      return List.copyOf(known);
    }
  }

  Map<String, ItemHistory> histories() {
    return histories;
  }

  /// Why clients gave up.
  List<String> problems() {
    return List.copyOf(problems);
  }

  /// Lets every call that is on its way be answered; nobody begins another.
  void stop() throws InterruptedException {
    submitting = false;
    for (Thread thread : submitters) {
      thread.join();
    }
    stopping = true;
    for (Thread thread : others) {
      thread.join();
    }
  }

  @Override
  public void close() {
    submitting = false;
    stopping = true;
  }
}
