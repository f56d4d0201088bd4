package io.ringrift.managers.job;

import com.google.protobuf.InvalidProtocolBufferException;
import io.grpc.StatusRuntimeException;
import io.ringrift.job.v1.JobServiceGrpc;
import io.ringrift.job.v1.JobState;
import io.ringrift.job.v1.ProcessView;
import io.ringrift.job.v1.ReportProcessRequest;
import io.ringrift.kernel.FenceGate;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.wire.Errors;
import io.ringrift.managers.LoopSpec;
import io.ringrift.managers.Outbox;
import io.ringrift.managers.Services;
import io.ringrift.queue.v1.ClaimRef;
import io.ringrift.queue.v1.CompleteWorkRequest;
import io.ringrift.queue.v1.FailWorkRequest;
import io.ringrift.queue.v1.QueueServiceGrpc;
import io.ringrift.queue.v1.QueueServiceGrpc.QueueServiceBlockingStub;
import io.ringrift.queue.v1.ReleaseWorkRequest;
import io.ringrift.queue.v1.StartWorkRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Tells the leader what became of each run, until it is acknowledged or refused for good. Ends are
/// in the outbox before they are told; that a process runs is told again by whoever adopts it. One
/// report per run waits at most: the newest.
final class Reporter {
  private static final Set<Reason> DEFINITE =
      Set.of(
          Reason.STALE_CLAIM,
          Reason.JOB_NOT_FOUND,
          Reason.WORK_NOT_FOUND,
          Reason.ILLEGAL_TRANSITION,
          Reason.INVALID_ARGUMENT);

  private static final Logger LOG = LoggerFactory.getLogger(Reporter.class);
  private static final String PREFIX = "process-report/";
  private static final Duration DEADLINE = Duration.ofSeconds(10);
  private static final Duration IDLE = Duration.ofSeconds(2);
  private static final long SHORTEST_BACKOFF_MILLIS = 100;
  private static final long LONGEST_BACKOFF_MILLIS = 5000;

  private final Services services;
  private final FenceGate gate;
  private final Outbox outbox;

  /// Told which run the leader no longer wants, and why.
  private final BiConsumer<RunKey, Refusal> unwanted;

  private final TreeMap<RunKey, ProcessView> waiting = new TreeMap<>();
  private final Semaphore bell = new Semaphore(0);
  private final AtomicLong acknowledged = new AtomicLong();
  private final AtomicLong refused = new AtomicLong();
  private final AtomicLong failures = new AtomicLong();

  Reporter(Services services, FenceGate gate, Outbox outbox, BiConsumer<RunKey, Refusal> unwanted) {
    this.services = services;
    this.gate = gate;
    this.outbox = outbox;
    this.unwanted = unwanted;
    for (Outbox.Letter letter : outbox.all()) {
      if (letter.key().startsWith(PREFIX)) {
        reload(letter);
      }
    }
  }

  private void reload(Outbox.Letter letter) {
    try {
      ProcessView view = ProcessView.parseFrom(letter.bytes());
      waiting.put(RunKey.of(view.getOrder()), view);
    } catch (InvalidProtocolBufferException e) {
      LOG.error("report {} in the outbox is unreadable and dropped", letter.key(), e);
      outbox.remove(letter.key());
    }
  }

  /// That it runs; not durable.
  void running(ProcessView view) {
    enqueue(view);
  }

  /// How it ended; durable when this returns.
  void ended(ProcessView view) {
    outbox.put(PREFIX + RunKey.of(view.getOrder()).folder(), view.toByteArray());
    enqueue(view);
  }

  private void enqueue(ProcessView view) {
    synchronized (waiting) {
      waiting.put(RunKey.of(view.getOrder()), view);
    }
    bell.release();
  }

  /// Whether reports wait to be acknowledged.
  boolean settled() {
    synchronized (waiting) {
      return waiting.isEmpty();
    }
  }

  LoopSpec loop() {
    return new LoopSpec(
        "process_reports",
        Duration.ofMillis(10),
        Duration.ZERO,
        false,
        List.of(),
        _ -> round(),
        () ->
            Map.of(
                "acknowledged", acknowledged.get(),
                "refused", refused.get(),
                "send_failures", failures.get()));
  }

  private void round() throws InterruptedException {
    if (settled() && !bell.tryAcquire(IDLE.toMillis(), TimeUnit.MILLISECONDS)) {
      return;
    }
    bell.drainPermits();
    if (flush()) {
      failures.set(0);
    } else {
      long backoff = SHORTEST_BACKOFF_MILLIS << Math.min(10, failures.getAndIncrement());
      // A new report hastens the next try; the backoff bounds the rest.
      var _ = bell.tryAcquire(Math.min(LONGEST_BACKOFF_MILLIS, backoff), TimeUnit.MILLISECONDS);
    }
  }

  /// Sends all that waits; false when something has to be tried again.
  private boolean flush() {
    List<ProcessView> reports;
    synchronized (waiting) {
      reports = new ArrayList<>(waiting.values());
    }
    boolean all = true;
    for (ProcessView report : reports) {
      all &= deliver(report);
    }
    return all;
  }

  private boolean deliver(ProcessView report) {
    RunKey key = RunKey.of(report.getOrder());
    try {
      send(report);
      acknowledged.incrementAndGet();
      done(key, report);
      return true;
    } catch (StatusRuntimeException e) {
      return judge(key, report, Errors.fromStatus(e));
    } catch (Refusal e) {
      return judge(key, report, e);
    }
  }

  private boolean judge(RunKey key, ProcessView report, Refusal answer) {
    if (!definite(answer.reason())) {
      LOG.debug("report of {} is tried again: {}", key, answer.text());
      return false;
    }
    refused.incrementAndGet();
    LOG.info("report of {} was refused: {}", key, answer.text());
    done(key, report);
    unwanted.accept(key, answer);
    return true;
  }

  /// Refusals that repeating will not change.
  static boolean definite(Reason reason) {
    return DEFINITE.contains(reason);
  }

  private void done(RunKey key, ProcessView report) {
    boolean ended = Exits.ended(report.getState());
    if (ended) {
      outbox.remove(PREFIX + key.folder());
    }
    synchronized (waiting) {
      waiting.remove(key, report);
    }
  }

  private void send(ProcessView report) {
    if (report.getOrder().getWorkId().isEmpty()) {
      sendJob(report);
    } else {
      sendWork(report);
    }
  }

  private void sendJob(ProcessView report) {
    var request =
        ReportProcessRequest.newBuilder()
            .setNodeId(services.self().value())
            .setEpoch(gate.greatest().value())
            .setJobId(report.getOrder().getJobId())
            .setAttempt(report.getOrder().getAttempt())
            .setClaimToken(report.getOrder().getClaimToken())
            .setState(report.getState())
            .setPid(report.getPid())
            .addAllGpuUuids(report.getGpuUuidsList());
    if (report.hasExit()) {
      request.setExit(report.getExit());
    }
    JobServiceGrpc.newBlockingStub(services.onLeader())
        .withDeadlineAfter(DEADLINE)
        .reportProcess(request.build());
  }

  private void sendWork(ProcessView report) {
    QueueServiceBlockingStub queue = QueueServiceGrpc.newBlockingStub(services.onLeader());
    ClaimRef claim = claim(report);
    if (report.getState() == JobState.JOB_STATE_RUNNING) {
      queue
          .withDeadlineAfter(DEADLINE)
          .startWork(StartWorkRequest.newBuilder().setClaim(claim).build());
    } else if (report.getState() == JobState.JOB_STATE_COMPLETE) {
      queue
          .withDeadlineAfter(DEADLINE)
          .completeWork(
              CompleteWorkRequest.newBuilder()
                  .setClaim(claim)
                  .setResult(result(report))
                  .setOutput(report.getOutput())
                  .build());
    } else if (report.getExit().getCause().equals(RunInputs.MISSING)) {
      // Not the item's fault: whoever holds the files may be back soon, or another node reach it.
      queue
          .withDeadlineAfter(DEADLINE)
          .releaseWork(
              ReleaseWorkRequest.newBuilder()
                  .setClaim(claim)
                  .setUnfit(true)
                  .setCause(report.getExit().getDetail())
                  .build());
    } else {
      queue
          .withDeadlineAfter(DEADLINE)
          .failWork(
              FailWorkRequest.newBuilder()
                  .setClaim(claim)
                  .setError(report.getExit().getDetail())
                  .build());
    }
  }

  ClaimRef claim(ProcessView report) {
    return ClaimRef.newBuilder()
        .setWorkId(report.getOrder().getWorkId())
        .setClaimToken(report.getOrder().getClaimToken())
        .setWorkerId(services.self().value())
        .build();
  }

  /// No text of the job goes in, so nothing needs escaping; node ids are plain by their rule.
  private String result(ProcessView report) {
    return "{\"exit_code\":%d,\"cause\":\"exit\",\"node_id\":\"%s\",\"attempt\":%d,\"log_bytes\":%d}"
        .formatted(
            report.getExit().getCode(),
            services.self().value(),
            report.getOrder().getAttempt(),
            report.getLogBytes());
  }
}
