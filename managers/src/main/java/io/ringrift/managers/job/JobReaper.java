package io.ringrift.managers.job;

import io.grpc.StatusRuntimeException;
import io.ringrift.job.v1.Job;
import io.ringrift.job.v1.JobState;
import io.ringrift.job.v1.ReportProcessRequest;
import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.wire.Errors;
import io.ringrift.state.v1.CancelJob;
import io.ringrift.state.v1.Command;
import io.ringrift.state.v1.GetStateRequest;
import io.ringrift.state.v1.ReportJob;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Ends jobs that have stayed too long as they are, by commands of the ledger only: the dispatch
/// loop then sees to their processes. A job that meanwhile went on is passed over. Rounds of one
/// loop do not overlap; the two loops may.
final class JobReaper {
  private static final Logger LOG = LoggerFactory.getLogger(JobReaper.class);
  private static final List<JobState> UNENDED =
      List.of(
          JobState.JOB_STATE_CLAIMED,
          JobState.JOB_STATE_STARTING,
          JobState.JOB_STATE_RUNNING,
          JobState.JOB_STATE_LOST);

  private final JobTableClient table;
  private final ReaperConfig config;
  private final AtomicLong stale = new AtomicLong();
  private final AtomicLong stuck = new AtomicLong();
  private final AtomicLong abandoned = new AtomicLong();
  private final AtomicLong recovered = new AtomicLong();
  private final AtomicLong refused = new AtomicLong();

  JobReaper(JobTableClient table, ReaperConfig config) {
    this.table = table;
    this.config = config;
  }

  Map<String, Long> reaped() {
    return Map.of(
        "stale_jobs_reaped", stale.get(),
        "stuck_jobs_reaped", stuck.get(),
        "abandoned_jobs_reaped", abandoned.get());
  }

  Map<String, Long> recovered() {
    return Map.of("stuck_jobs_recovered", recovered.get(), "recoveries_refused", refused.get());
  }

  /// Cancels what is stale, stuck or abandoned.
  ///
  /// @param guard throws when the office of the epoch is over
  void reap(Epoch epoch, Runnable guard) {
    long now = ledgerMillis();
    List<Job> jobs = table.inStates(UNENDED, 0);
    for (ReaperRules.Reap reap :
        ReaperRules.of(jobs.stream().map(JobReaper::row).toList(), now, config)) {
      guard.run();
      var cancel = CancelJob.newBuilder().setJobId(reap.jobId());
      if (settled(reap.jobId(), epoch, Command.newBuilder().setCancelJob(cancel))) {
        LOG.warn("{} is {} for {} and is cancelled", reap.jobId(), reap.fault(), reap.age());
        count(reap.fault());
      }
    }
  }

  /// Fails what has run for far more than its timeout: neither the timeout nor a cancel ended it.
  ///
  /// @return nodes where such a process may still run
  Set<NodeId> recover(Epoch epoch, Runnable guard) {
    long now = ledgerMillis();
    Map<String, Job> jobs =
        table.inStates(List.of(JobState.JOB_STATE_RUNNING), 0).stream()
            .collect(Collectors.toMap(Job::getJobId, Function.identity()));
    var nodes = new HashSet<NodeId>();
    var rows = jobs.values().stream().map(JobReaper::row).toList();
    for (ReaperRules.Row row : ReaperRules.overrun(rows, now, config)) {
      Job job = jobs.get(row.jobId());
      if (job != null) {
        guard.run();
        fail(epoch, job);
        nodes.add(new NodeId(job.getNodeId()));
      }
    }
    return nodes;
  }

  private void fail(Epoch epoch, Job job) {
    var report =
        ReportProcessRequest.newBuilder()
            .setNodeId(job.getNodeId())
            .setEpoch(epoch.value())
            .setJobId(job.getJobId())
            .setAttempt(job.getAttempt())
            .setClaimToken(job.getClaimToken())
            .setState(JobState.JOB_STATE_FAILED)
            .setExit(
                Exits.without(
                    "stuck_timeout_recovery",
                    "ran on after its timeout at " + job.getNodeId() + " and was given up"));
    var command = Command.newBuilder().setReportJob(ReportJob.newBuilder().setReport(report));
    if (settled(job.getJobId(), epoch, command)) {
      LOG.warn("{} ran on after its timeout at {}; it is failed", job.getJobId(), job.getNodeId());
      recovered.incrementAndGet();
    } else {
      refused.incrementAndGet();
    }
  }

  private void count(ReaperRules.Fault fault) {
    switch (fault) {
      case STALE -> stale.incrementAndGet();
      case STUCK -> stuck.incrementAndGet();
      case ABANDONED -> abandoned.incrementAndGet();
    }
  }

  private long ledgerMillis() {
    try {
      return table.state().getState(GetStateRequest.getDefaultInstance()).getLedgerMillis();
    } catch (StatusRuntimeException e) {
      throw Errors.fromStatus(e);
    }
  }

  /// One job that will not be ended does not keep the others from it.
  ///
  /// @return false when the job had moved on
  private boolean settled(String jobId, Epoch epoch, Command.Builder command) {
    try {
      table.apply(epoch, command);
      return true;
    } catch (Refusal e) {
      if (!Reporter.definite(e.reason())) {
        throw e;
      }
      LOG.info("{} had moved on: {}", jobId, e.text());
      return false;
    }
  }

  private static ReaperRules.Row row(Job job) {
    var phase =
        switch (job.getState()) {
          case JOB_STATE_CLAIMED, JOB_STATE_STARTING -> ReaperRules.Phase.CLAIMED;
          case JOB_STATE_RUNNING -> ReaperRules.Phase.RUNNING;
          case JOB_STATE_LOST -> ReaperRules.Phase.LOST;
          case JOB_STATE_UNSPECIFIED,
              JOB_STATE_PENDING,
              JOB_STATE_COMPLETE,
              JOB_STATE_FAILED,
              JOB_STATE_EXPIRED,
              JOB_STATE_CANCELLED,
              JOB_STATE_PROMOTED,
              UNRECOGNIZED ->
              ReaperRules.Phase.OTHER;
        };
    var timeout = job.getSpec().getTimeout();
    return new ReaperRules.Row(
        job.getJobId(),
        job.getSpec().getJobType(),
        phase,
        job.getStateLedgerMillis(),
        Duration.ofSeconds(timeout.getSeconds(), timeout.getNanos()),
        job.getCancelRequested());
  }
}
