package io.ringrift.managers.job;

import io.grpc.StatusRuntimeException;
import io.ringrift.common.v1.ReadConsistency;
import io.ringrift.job.v1.GetJobRequest;
import io.ringrift.job.v1.JobServiceGrpc;
import io.ringrift.job.v1.ProcessOrder;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.wire.Errors;
import io.ringrift.managers.LoopSpec;
import io.ringrift.managers.Services;
import io.ringrift.queue.v1.GetWorkRequest;
import io.ringrift.queue.v1.QueueServiceGrpc;
import io.ringrift.queue.v1.WorkState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;

/// Stops processes that the leader no longer wants (SPEC 6, SelfHealing). The leader has to say so
/// twice, one round apart, because a report of ours may be on its way; without its answer nothing
/// is touched.
final class OrphanScan {
  private static final Duration DEADLINE = Duration.ofSeconds(5);
  private static final int MOST_FAILURES = 3;

  private final Services services;
  private final ProcessSupervisor supervisor;
  private final Duration interval;
  private final AtomicLong stopped = new AtomicLong();
  private final AtomicLong failures = new AtomicLong();
  private Set<RunKey> suspects = Set.of();

  OrphanScan(Services services, ProcessSupervisor supervisor, Duration interval) {
    this.services = services;
    this.supervisor = supervisor;
    this.interval = interval;
  }

  LoopSpec loop() {
    return new LoopSpec(
        "self_healing",
        interval,
        interval,
        false,
        List.of(),
        _ -> round(),
        () -> Map.of("stale_processes_cleaned", stopped.get(), "checks_failed", failures.get()));
  }

  /// One scan; rounds of a loop never overlap. A process about which there is no word does not keep
  /// the others from being looked at, unless nobody seems to answer.
  void round() {
    var unwanted = new HashSet<RunKey>();
    var failed = new ArrayList<RuntimeException>();
    for (Run run : supervisor.table().live()) {
      if (failed.size() >= MOST_FAILURES) {
        break;
      }
      try {
        if (look(run)) {
          unwanted.add(run.key());
        }
      } catch (Refusal | StatusRuntimeException e) {
        failures.incrementAndGet();
        failed.add(e);
      }
    }
    suspects = unwanted;
    if (!failed.isEmpty()) {
      throw failed.getFirst();
    }
  }

  /// @return whether it is unwanted for the first time
  private boolean look(Run run) {
    Optional<String> cause = unwanted(run.rawView().getOrder());
    if (cause.isPresent() && suspects.contains(run.key())) {
      stopped.incrementAndGet();
      run.stop(cause.get());
      return false;
    }
    return cause.isPresent();
  }

  /// Why the leader does not want it; empty when it does.
  private Optional<String> unwanted(ProcessOrder order) {
    try {
      return order.getWorkId().isEmpty() ? unwantedJob(order) : unwantedWork(order);
    } catch (StatusRuntimeException e) {
      Refusal answer = Errors.fromStatus(e);
      return switch (answer.reason()) {
        case JOB_NOT_FOUND, WORK_NOT_FOUND -> Optional.of("superseded");
        // No word about this job: the loop counts the failure and comes again.
        default -> throw answer;
      };
    }
  }

  private Optional<String> unwantedJob(ProcessOrder order) {
    var job =
        JobServiceGrpc.newBlockingStub(services.onLeader())
            .withDeadlineAfter(DEADLINE)
            .getJob(
                GetJobRequest.newBuilder()
                    .setJobId(order.getJobId())
                    .setReadConsistency(ReadConsistency.READ_CONSISTENCY_LEADER)
                    .build())
            .getJob();
    if (job.getClaimToken() != order.getClaimToken()) {
      return Optional.of("superseded");
    }
    return Exits.ended(job.getState()) ? Optional.of("cancelled") : Optional.empty();
  }

  private Optional<String> unwantedWork(ProcessOrder order) {
    var item =
        QueueServiceGrpc.newBlockingStub(services.onLeader())
            .withDeadlineAfter(DEADLINE)
            .getWork(
                GetWorkRequest.newBuilder()
                    .setWorkId(order.getWorkId())
                    .setReadConsistency(ReadConsistency.READ_CONSISTENCY_LEADER)
                    .build())
            .getItem();
    boolean held =
        item.getState() == WorkState.WORK_STATE_CLAIMED
            || item.getState() == WorkState.WORK_STATE_RUNNING;
    return held && item.getClaimToken() == order.getClaimToken()
        ? Optional.empty()
        : Optional.of("superseded");
  }
}
