package io.ringrift.managers.job;

import com.google.protobuf.Duration;
import io.grpc.StatusRuntimeException;
import io.ringrift.job.v1.JobSpec;
import io.ringrift.job.v1.ProcessOrder;
import io.ringrift.job.v1.ProcessView;
import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.Fence;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.time.Moment;
import io.ringrift.kernel.time.Ticker;
import io.ringrift.kernel.wire.Errors;
import io.ringrift.managers.LoopSpec;
import io.ringrift.managers.Services;
import io.ringrift.queue.v1.ClaimRef;
import io.ringrift.queue.v1.ClaimWorkRequest;
import io.ringrift.queue.v1.FailWorkRequest;
import io.ringrift.queue.v1.QueueServiceGrpc;
import io.ringrift.queue.v1.ReleaseWorkRequest;
import io.ringrift.queue.v1.RenewWorkRequest;
import io.ringrift.queue.v1.WorkItem;
import io.ringrift.state.v1.GetStateRequest;
import io.ringrift.state.v1.StateServiceGrpc;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/// Claims work for free slots and keeps the claims of what runs (SPEC 6, WorkerPull).
final class WorkerPull {
  private static final int MOST_ITEMS = 32;
  private static final java.time.Duration DEADLINE = java.time.Duration.ofSeconds(10);
  private static final java.time.Duration BUSY_BEAT = java.time.Duration.ofMillis(500);
  private static final long DEFAULT_LEASE_MILLIS = 60_000;

  /// After an adoption the lease is not known: renewed often enough for the shortest sensible one.
  private static final long UNKNOWN_LEASE_MILLIS = 3000;

  private final Services services;
  private final ProcessSupervisor supervisor;
  private final ProcessConfig config;
  private final Ticker ticker;
  private final Map<RunKey, Long> leases = new ConcurrentHashMap<>();
  private volatile Moment renewed = Moment.MIN;
  private volatile String requestId = UUID.randomUUID().toString();
  private final AtomicLong claimed = new AtomicLong();
  private final AtomicLong released = new AtomicLong();
  private final AtomicLong lost = new AtomicLong();
  private final AtomicLong skipped = new AtomicLong();

  WorkerPull(Services services, ProcessSupervisor supervisor, ProcessConfig config, Ticker ticker) {
    this.services = services;
    this.supervisor = supervisor;
    this.config = config;
    this.ticker = ticker;
  }

  LoopSpec loop() {
    return new LoopSpec(
        "worker_pull",
        BUSY_BEAT,
        BUSY_BEAT,
        false,
        List.of(),
        _ -> round(),
        () ->
            Map.of(
                "work_claimed", claimed.get(),
                "work_released", released.get(),
                "claims_lost", lost.get(),
                "skipped_busy", skipped.get()));
  }

  LoopSpec renewal() {
    return new LoopSpec(
        "work_renewal",
        java.time.Duration.ofMillis(250),
        java.time.Duration.ZERO,
        false,
        List.of(),
        _ -> renew(),
        Map::of);
  }

  /// Claims and starts until nothing is to be had.
  private void round() throws InterruptedException {
    int free = supervisor.freeSlots();
    if (free == 0 || config.workloads().isEmpty() || draining()) {
      skipped.incrementAndGet();
      return;
    }
    var wait = config.claimWait();
    var request =
        ClaimWorkRequest.newBuilder()
            .setWorkerId(services.self().value())
            .addAllCapabilities(config.capabilities())
            .addAllWorkloads(config.workloads())
            .setMaxItems(Math.min(MOST_ITEMS, free))
            .setFreeGpus(supervisor.freeGpus())
            .setWait(
                Duration.newBuilder().setSeconds(wait.toSeconds()).setNanos(wait.toNanosPart()))
            .setRequestId(requestId)
            .build();
    var items =
        QueueServiceGrpc.newBlockingStub(services.onLeader())
            .withDeadlineAfter(wait.plus(DEADLINE))
            .claimWork(request)
            .getItemsList();
    // The answer is here; a lost answer is asked for again under the same id.
    requestId = UUID.randomUUID().toString();
    for (WorkItem item : items) {
      claimed.incrementAndGet();
      start(item);
    }
  }

  private boolean draining() {
    return StateServiceGrpc.newBlockingStub(services.local())
        .withDeadlineAfter(DEADLINE)
        .getState(GetStateRequest.getDefaultInstance())
        .getDrainingList()
        .contains(services.self().value());
  }

  private void start(WorkItem item) throws InterruptedException {
    ProcessOrder order =
        ProcessOrder.newBuilder()
            .setJobId(item.getWorkId())
            .setWorkId(item.getWorkId())
            .setAttempt(item.getAttempts())
            .setClaimToken(item.getClaimToken())
            .setSpec(spec(item))
            .build();
    try {
      leases.put(RunKey.of(order), leaseMillis(item));
      supervisor.order(new Fence(new Epoch(item.getClaimEpoch()), services.self()), order);
    } catch (Refusal e) {
      if (e.reason() == Reason.INVALID_ARGUMENT) {
        fail(item, e);
      } else {
        release(item, e);
      }
    }
  }

  private static JobSpec spec(WorkItem item) {
    JobSpec spec = item.getSpec().getJob();
    if (spec.hasTimeout() || !item.getSpec().hasTimeout()) {
      return spec;
    }
    return spec.toBuilder().setTimeout(item.getSpec().getTimeout()).build();
  }

  private static long leaseMillis(WorkItem item) {
    if (!item.getSpec().hasClaimLease()) {
      return DEFAULT_LEASE_MILLIS;
    }
    Duration lease = item.getSpec().getClaimLease();
    return lease.getSeconds() * 1000 + lease.getNanos() / 1_000_000;
  }

  /// The item itself is wrong: given back it would only come again, to any worker, for ever.
  private void fail(WorkItem item, Refusal why) {
    released.incrementAndGet();
    var request =
        FailWorkRequest.newBuilder().setClaim(claim(item)).setError(why.text()).setPermanent(true);
    queue().failWork(request.build());
  }

  /// Gives back what could not be begun: the attempt does not count (SPEC 11, failure 24). When
  /// that fails too, the claim's lease ends it.
  private void release(WorkItem item, Refusal why) {
    released.incrementAndGet();
    var request =
        ReleaseWorkRequest.newBuilder()
            .setClaim(claim(item))
            .setCause(why.reason() + ": " + why.text());
    queue().releaseWork(request.build());
  }

  private ClaimRef claim(WorkItem item) {
    return ClaimRef.newBuilder()
        .setWorkId(item.getWorkId())
        .setClaimToken(item.getClaimToken())
        .setWorkerId(services.self().value())
        .build();
  }

  private QueueServiceGrpc.QueueServiceBlockingStub queue() {
    return QueueServiceGrpc.newBlockingStub(services.onLeader()).withDeadlineAfter(DEADLINE);
  }

  /// Renews all claims once the shortest lease is a third over; stops what is no longer ours.
  private void renew() {
    List<Run> runs =
        supervisor.table().live().stream()
            .filter(run -> !run.rawView().getOrder().getWorkId().isEmpty())
            .toList();
    leases.keySet().retainAll(runs.stream().map(Run::key).toList());
    if (runs.isEmpty()) {
      return;
    }
    long lease =
        runs.stream()
            .mapToLong(run -> leases.getOrDefault(run.key(), UNKNOWN_LEASE_MILLIS))
            .min()
            .orElse(UNKNOWN_LEASE_MILLIS);
    if (ticker.now().since(renewed).toMillis() < lease / 3) {
      return;
    }
    var request = RenewWorkRequest.newBuilder();
    runs.forEach(run -> request.addClaims(supervisor.claims().of(run.rawView())));
    Moment asked = ticker.now();
    try {
      var answer =
          QueueServiceGrpc.newBlockingStub(services.onLeader())
              .withDeadlineAfter(DEADLINE)
              .renewWork(request.build());
      renewed = asked;
      runs.stream()
          .filter(run -> answer.getLostList().contains(run.rawView().getOrder().getWorkId()))
          .forEach(this::lose);
    } catch (StatusRuntimeException e) {
      throw Errors.fromStatus(e);
    }
  }

  /// The queue said so itself: the claim went to somebody else or ended.
  private void lose(Run run) {
    ProcessView view = run.rawView();
    if (!Exits.ended(view.getState())) {
      lost.incrementAndGet();
      run.stop("superseded");
    }
  }
}
