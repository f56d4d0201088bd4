package io.ringrift.managers.job;

import io.grpc.StatusRuntimeException;
import io.ringrift.common.v1.Fence;
import io.ringrift.job.v1.ExitStatus;
import io.ringrift.job.v1.Job;
import io.ringrift.job.v1.JobState;
import io.ringrift.job.v1.ListProcessesRequest;
import io.ringrift.job.v1.ProcessServiceGrpc;
import io.ringrift.job.v1.ProcessServiceGrpc.ProcessServiceBlockingStub;
import io.ringrift.job.v1.ProcessView;
import io.ringrift.job.v1.ReportProcessRequest;
import io.ringrift.job.v1.StopProcessRequest;
import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.wire.Errors;
import io.ringrift.managers.Fanout;
import io.ringrift.managers.Services;
import io.ringrift.state.v1.Command;
import io.ringrift.state.v1.ExpireJobs;
import io.ringrift.state.v1.GetStateRequest;
import io.ringrift.state.v1.LoseJobs;
import io.ringrift.state.v1.ReportJob;
import io.ringrift.state.v1.UnassignJob;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Keeps the job table true: expiry, cancels on their way, nodes that are gone, differences between
/// table and nodes. Owned by the dispatch loop.
final class JobKeeper {
  private static final Logger LOG = LoggerFactory.getLogger(JobKeeper.class);

  private final Services services;
  private final JobTableClient table;
  private final Supplier<JobConfig> config;
  private final AtomicLong expired = new AtomicLong();
  private final AtomicLong lost = new AtomicLong();
  private final AtomicLong adopted = new AtomicLong();
  private final AtomicLong stopped = new AtomicLong();

  JobKeeper(Services services, JobTableClient table, Supplier<JobConfig> config) {
    this.services = services;
    this.table = table;
    this.config = config;
  }

  Map<String, Long> counters() {
    return Map.of(
        "expired", expired.get(),
        "lost_with_their_node", lost.get(),
        "reconciled", adopted.get(),
        "stopped", stopped.get());
  }

  /// Ends what was not dispatched in time, by ledger time (SPEC 12.36).
  ///
  /// @return how many
  int expire(Epoch epoch, List<Job> pending) {
    if (pending.isEmpty()) {
      return 0;
    }
    long now;
    try {
      now = table.state().getState(GetStateRequest.getDefaultInstance()).getLedgerMillis();
    } catch (StatusRuntimeException e) {
      throw Errors.fromStatus(e);
    }
    List<String> late =
        pending.stream()
            .filter(
                job -> now - job.getCreateLedgerMillis() > config.get().expireAfter().toMillis())
            .map(Job::getJobId)
            .toList();
    if (!late.isEmpty()) {
      table.apply(
          epoch, Command.newBuilder().setExpireJobs(ExpireJobs.newBuilder().addAllJobIds(late)));
      expired.addAndGet(late.size());
    }
    return late.size();
  }

  /// The jobs of a node that is gone are LOST until it comes back.
  ///
  /// @return how many
  int lose(Epoch epoch, String nodeId) {
    int count =
        table
            .apply(
                epoch,
                Command.newBuilder()
                    .setLoseJobs(
                        LoseJobs.newBuilder()
                            .setNodeId(nodeId)
                            .setCause("node " + nodeId + " is gone")))
            .getJobsCount();
    lost.addAndGet(count);
    return count;
  }

  /// Sees a cancel through: the node stops the process and reports it; an order that never came is
  /// given back, which ends the job.
  ///
  /// @return false when the node did not answer or did not obey
  boolean cancel(Epoch epoch, Job job) {
    boolean found;
    try {
      found = stop(epoch, job.getNodeId(), job.getJobId(), job.getAttempt(), "cancelled");
    } catch (Refusal e) {
      // Also when it knows a newer epoch: one node's answer, while the guard says this office goes
      // on.
      LOG.info("cancel of {} is tried again: {}", job.getJobId(), e.text());
      return false;
    }
    if (!found && job.getState() == JobState.JOB_STATE_CLAIMED) {
      settled(
          job.getJobId(),
          epoch,
          Command.newBuilder()
              .setUnassignJob(
                  UnassignJob.newBuilder()
                      .setJobId(job.getJobId())
                      .setClaimToken(job.getClaimToken())
                      .setCause("cancelled before it began")));
    }
    return true;
  }

  private boolean stop(Epoch epoch, String nodeId, String jobId, int attempt, String cause) {
    try {
      stopped.incrementAndGet();
      return processes(nodeId)
          .stopProcess(
              StopProcessRequest.newBuilder()
                  .setFence(fence(epoch))
                  .setJobId(jobId)
                  .setAttempt(attempt)
                  .setCause(cause)
                  .build())
          .getFound();
    } catch (StatusRuntimeException e) {
      throw Errors.fromStatus(e);
    }
  }

  private Fence fence(Epoch epoch) {
    return Fence.newBuilder().setEpoch(epoch.value()).setLeaderId(services.self().value()).build();
  }

  /// Asks nodes side by side what they run. The question is fenced, so whoever answered obeys no
  /// earlier leader any more; who does not answer in time holds up nobody else.
  ///
  /// @return what each node knows, for those that answered
  Map<NodeId, List<ProcessView>> look(Epoch epoch, Collection<NodeId> nodes, Duration patience)
      throws InterruptedException {
    var question =
        ListProcessesRequest.newBuilder().setIncludeEnded(true).setFence(fence(epoch)).build();
    var outcome =
        Fanout.ask(
            nodes,
            patience,
            node -> processes(node.value()).listProcesses(question).getProcessesList());
    outcome
        .failures()
        .forEach(
            (node, why) -> LOG.info("{} could not be compared with the job table: {}", node, why));
    return outcome.answers();
  }

  /// Settles the differences between a node and the table. The table was read before the node: what
  /// it shows as taken has to be there, and nothing else gives out jobs meanwhile.
  ///
  /// @param seen what the node answered
  /// @return false when the node did not obey
  boolean reconcile(
      Epoch epoch, Runnable guard, NodeId node, List<Job> jobs, List<ProcessView> seen) {
    var actions =
        JobReconcile.of(
            node.value(),
            jobs.stream().map(JobKeeper::row).toList(),
            seen.stream()
                .filter(p -> p.getOrder().getWorkId().isEmpty())
                .map(JobKeeper::seen)
                .toList());
    boolean all = true;
    for (JobReconcile.Action action : actions) {
      guard.run();
      adopted.incrementAndGet();
      all &= settle(epoch, node, action, seen);
    }
    return all;
  }

  private boolean settle(
      Epoch epoch, NodeId node, JobReconcile.Action action, List<ProcessView> processes) {
    switch (action) {
      case JobReconcile.Action.Stop(var jobId, var attempt, var cause) -> {
        try {
          var _ = stop(epoch, node.value(), jobId, attempt, cause);
        } catch (Refusal e) {
          LOG.info("{} could not be told to stop {}: {}", node, jobId, e.text());
          return false;
        }
      }
      case JobReconcile.Action.Fail(var jobId, var attempt, var token) ->
          report(
              epoch,
              node,
              ReportProcessRequest.newBuilder()
                  .setJobId(jobId)
                  .setAttempt(attempt)
                  .setClaimToken(token)
                  .setState(JobState.JOB_STATE_FAILED)
                  .setExit(Exits.without("lost", node + " no longer knows this attempt")));
      case JobReconcile.Action.Adopt(var jobId, var attempt, var token) ->
          processes.stream()
              .filter(
                  p ->
                      p.getOrder().getJobId().equals(jobId)
                          && p.getOrder().getClaimToken() == token)
              .findFirst()
              .ifPresent(p -> report(epoch, node, reported(p, attempt)));
    }
    return true;
  }

  private static ReportProcessRequest.Builder reported(ProcessView process, int attempt) {
    var report =
        ReportProcessRequest.newBuilder()
            .setJobId(process.getOrder().getJobId())
            .setAttempt(attempt)
            .setClaimToken(process.getOrder().getClaimToken())
            .setState(process.getState())
            .setPid(process.getPid())
            .addAllGpuUuids(process.getGpuUuidsList());
    ExitStatus exit = process.getExit();
    return process.hasExit() ? report.setExit(exit) : report;
  }

  /// What the node itself would report; it may be doing so right now, which changes nothing.
  private void report(Epoch epoch, NodeId node, ReportProcessRequest.Builder report) {
    settled(
        report.getJobId(),
        epoch,
        Command.newBuilder()
            .setReportJob(
                ReportJob.newBuilder()
                    .setReport(report.setNodeId(node.value()).setEpoch(epoch.value()))));
  }

  private void settled(String jobId, Epoch epoch, Command.Builder command) {
    try {
      table.apply(epoch, command);
    } catch (Refusal e) {
      if (!Reporter.definite(e.reason())) {
        throw e;
      }
      LOG.info("{} was settled meanwhile: {}", jobId, e.text());
    }
  }

  private static JobReconcile.Row row(Job job) {
    var phase =
        switch (job.getState()) {
          case JOB_STATE_CLAIMED -> JobReconcile.Phase.ORDERED;
          case JOB_STATE_STARTING, JOB_STATE_RUNNING -> JobReconcile.Phase.ACTIVE;
          case JOB_STATE_LOST -> JobReconcile.Phase.LOST;
          case JOB_STATE_UNSPECIFIED,
              JOB_STATE_PENDING,
              JOB_STATE_COMPLETE,
              JOB_STATE_FAILED,
              JOB_STATE_EXPIRED,
              JOB_STATE_CANCELLED,
              JOB_STATE_PROMOTED,
              UNRECOGNIZED ->
              JobReconcile.Phase.IDLE;
        };
    return new JobReconcile.Row(
        job.getJobId(),
        job.getNodeId(),
        job.getAttempt(),
        job.getClaimToken(),
        phase,
        job.getCancelRequested());
  }

  private static JobReconcile.Seen seen(ProcessView process) {
    return new JobReconcile.Seen(
        process.getOrder().getJobId(),
        process.getOrder().getAttempt(),
        process.getOrder().getClaimToken(),
        Exits.ended(process.getState()));
  }

  private ProcessServiceBlockingStub processes(String nodeId) {
    Duration timeout = config.get().callTimeout();
    return ProcessServiceGrpc.newBlockingStub(services.on(new NodeId(nodeId)))
        .withDeadlineAfter(timeout.toMillis(), TimeUnit.MILLISECONDS);
  }
}
