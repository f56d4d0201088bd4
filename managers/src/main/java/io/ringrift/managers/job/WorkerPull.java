package io.ringrift.managers.job;

import com.google.protobuf.Duration;
import io.grpc.StatusRuntimeException;
import io.ringrift.job.v1.JobSpec;
import io.ringrift.job.v1.ProcessOrder;
import io.ringrift.job.v1.ProcessView;
import io.ringrift.kernel.Epoch;
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
import io.ringrift.queue.v1.StartWorkRequest;
import io.ringrift.queue.v1.WorkItem;
import io.ringrift.state.v1.GetStateRequest;
import io.ringrift.state.v1.StateServiceGrpc;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Claims work for free slots and keeps the claims of what runs (SPEC 6, WorkerPull).
final class WorkerPull {
  private static final Logger LOG = LoggerFactory.getLogger(WorkerPull.class);

  /// Refusals of a claim that repeating it will not change; after any other it may have been
  /// granted.
  private static final Set<Reason> FINAL =
      Set.of(
          Reason.REQUEST_ID_REUSED,
          Reason.INVALID_ARGUMENT,
          Reason.PERMISSION_DENIED,
          Reason.UNAUTHENTICATED);

  private static final int MOST_ITEMS = 32;
  private static final java.time.Duration DEADLINE = java.time.Duration.ofSeconds(10);
  private static final java.time.Duration BUSY_BEAT = java.time.Duration.ofMillis(500);

  /// After an item for which there was no room in the end: claimed again at once it would only go
  /// to and fro.
  private static final java.time.Duration REST = java.time.Duration.ofSeconds(5);

  private static final long DEFAULT_LEASE_MILLIS = 60_000;

  /// After an adoption the lease is not known: renewed often enough for the shortest sensible one.
  private static final long UNKNOWN_LEASE_MILLIS = 3000;

  private final Services services;
  private final ProcessSupervisor supervisor;
  private final Supplier<ProcessConfig> config;
  private final Ticker ticker;
  private final Map<RunKey, Long> leases = new ConcurrentHashMap<>();
  private volatile Moment renewed = Moment.MIN;

  /// The claim that was sent and not answered. What it was granted is only had by sending exactly
  /// that again. Owned by the pulling loop, as is `held`.
  private Optional<ClaimWorkRequest> unanswered = Optional.empty();

  /// Claimed, and the queue could not yet say whether they may begin; at most one answer's items.
  private List<WorkItem> held = List.of();

  /// Nothing is claimed before. Owned by the pulling loop.
  private Moment restsUntil = Moment.MIN;

  /// What was short in the last round, for the log; owned by the pulling loop.
  private String shortOf = "";

  private final AtomicLong claimed = new AtomicLong();
  private final AtomicLong released = new AtomicLong();
  private final AtomicLong lost = new AtomicLong();
  private final AtomicLong skipped = new AtomicLong();

  WorkerPull(
      Services services,
      ProcessSupervisor supervisor,
      Supplier<ProcessConfig> config,
      Ticker ticker) {
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
    if (free == 0 || config.get().wanted().isEmpty() || draining()) {
      skipped.incrementAndGet();
      return;
    }
    if (held.isEmpty()) {
      // What a claim without an answer was granted lies with the queue until it is asked again.
      if (rests() && unanswered.isEmpty()) {
        skipped.incrementAndGet();
        return;
      }
      held = claim(Math.clamp(supervisor.guards().startsLeft(), 1, free));
    }
    var later = new ArrayList<WorkItem>();
    for (WorkItem item : held) {
      if (!start(item)) {
        later.add(item);
      }
    }
    held = List.copyOf(later);
    if (!held.isEmpty()) {
      throw new Refusal(
          Reason.OUTCOME_UNKNOWN, held.size() + " claimed items wait for the queue's word");
    }
  }

  /// Whether what it claimed could not begin (SPEC 5.4).
  private boolean rests() {
    var shortage = supervisor.guards().shortage();
    String what = shortage.map(SpawnGuards.Shortage::what).orElse("");
    if (!what.equals(shortOf)) {
      shortOf = what;
      LOG.info(
          "{}",
          shortage
              .map(now -> "no work is claimed: " + now.detail())
              .orElse("work is claimed again"));
    }
    return shortage.isPresent() || ticker.now().isBefore(restsUntil);
  }

  private List<WorkItem> claim(int free) {
    ClaimWorkRequest request = unanswered.orElseGet(() -> request(free));
    unanswered = Optional.of(request);
    try {
      var items =
          QueueServiceGrpc.newBlockingStub(services.onLeader())
              .withDeadlineAfter(config.get().claimWait().plus(DEADLINE))
              .claimWork(request)
              .getItemsList();
      unanswered = Optional.empty();
      claimed.addAndGet(items.size());
      return items;
    } catch (StatusRuntimeException e) {
      Refusal why = Errors.fromStatus(e);
      if (FINAL.contains(why.reason())) {
        unanswered = Optional.empty();
      }
      throw why;
    }
  }

  private ClaimWorkRequest request(int free) {
    var set = config.get();
    var wait = set.claimWait();
    return ClaimWorkRequest.newBuilder()
        .setWorkerId(services.self().value())
        .addAllCapabilities(set.capabilities())
        .addAllWorkloads(set.wanted())
        .setMaxItems(Math.min(MOST_ITEMS, free))
        .setFreeGpus(supervisor.freeGpus())
        .setMemoryBytes(supervisor.memoryBytes())
        .setWait(Duration.newBuilder().setSeconds(wait.toSeconds()).setNanos(wait.toNanosPart()))
        .setRequestId(UUID.randomUUID().toString())
        .build();
  }

  private boolean draining() {
    return StateServiceGrpc.newBlockingStub(services.local())
        .withDeadlineAfter(DEADLINE)
        .getState(GetStateRequest.getDefaultInstance())
        .getDrainingList()
        .contains(services.self().value());
  }

  /// Begins an item, once the queue has said that its claim still holds: an answer that was asked
  /// for twice may be older than the lease.
  ///
  /// @return false when the queue gave no word, so that it has to be tried again
  private boolean start(WorkItem item) throws InterruptedException {
    try {
      queue().startWork(StartWorkRequest.newBuilder().setClaim(claim(item)).build());
    } catch (StatusRuntimeException e) {
      return over(item, Errors.fromStatus(e));
    } catch (Refusal e) {
      return over(item, e);
    }
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
      // The leader has just confirmed the claim, which proves more than the epoch it was made in.
      supervisor.start(order, new Epoch(item.getClaimEpoch()));
    } catch (Refusal e) {
      giveUp(item, e);
    }
    return true;
  }

  private boolean over(WorkItem item, Refusal why) {
    LOG.info("claimed item {} does not begin: {}", item.getWorkId(), why.text());
    if (Reporter.definite(why.reason())) {
      lost.incrementAndGet();
      return true;
    }
    return false;
  }

  /// What cannot be told here, the end of the claim's lease tells.
  private void giveUp(WorkItem item, Refusal why) {
    if (OrderOutcome.of(why.reason()) == OrderOutcome.NO_ROOM) {
      restsUntil = ticker.now().plus(REST);
    }
    try {
      if (why.reason() == Reason.INVALID_ARGUMENT) {
        fail(item, why);
      } else {
        release(item, why, OrderOutcome.of(why.reason()) == OrderOutcome.UNFIT);
      }
    } catch (StatusRuntimeException e) {
      LOG.info("{} was not given back: {}", item.getWorkId(), Errors.fromStatus(e).text());
    } catch (Refusal e) {
      LOG.info("{} was not given back: {}", item.getWorkId(), e.text());
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

  /// The item itself is wrong: given back it would only come again, to any worker, for ever. The
  /// attempt counts, and the last one makes it a dead letter with this cause.
  private void fail(WorkItem item, Refusal why) {
    released.incrementAndGet();
    var request =
        FailWorkRequest.newBuilder()
            .setClaim(claim(item))
            .setError(services.self() + " could not begin it: " + why.text());
    queue().failWork(request.build());
  }

  /// Gives back what could not be begun: the attempt does not count (SPEC 11, failure 24). When
  /// that fails too, the claim's lease ends it.
  ///
  /// @param unfit this node will not run it soon either
  private void release(WorkItem item, Refusal why, boolean unfit) {
    released.incrementAndGet();
    var request =
        ReleaseWorkRequest.newBuilder()
            .setClaim(claim(item))
            .setUnfit(unfit)
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
