package io.ringrift.managers.state;

import io.ringrift.job.v1.ExitStatus;
import io.ringrift.job.v1.Job;
import io.ringrift.job.v1.JobState;
import io.ringrift.job.v1.ReportProcessRequest;
import io.ringrift.kernel.Pure;
import io.ringrift.kernel.Reason;
import io.ringrift.state.v1.AddJob;
import io.ringrift.state.v1.AssignJob;
import io.ringrift.state.v1.CommandResult;
import io.ringrift.state.v1.ExpireJobs;
import io.ringrift.state.v1.LoseJobs;
import io.ringrift.state.v1.UnassignJob;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.UnaryOperator;

/// What commands do to jobs (SPEC 1.4). A job keeps its claim token after its end, so that a
/// repeated final report is recognised; a token that must no longer count is 0.
@Pure
final class JobActions {
  /// Most jobs that have not ended.
  static final int MOST_UNENDED = 100_000;

  private static final int MOST_REFUSED_NODES = 64;

  private final JobTable jobs;
  private final DrainSet drains;
  private final StateClock clock;
  private final EventRing events;
  private final HourCounter hours;

  JobActions(
      JobTable jobs, DrainSet drains, StateClock clock, EventRing events, HourCounter hours) {
    this.jobs = jobs;
    this.drains = drains;
    this.clock = clock;
    this.events = events;
    this.hours = hours;
  }

  Decision add(AddJob command) {
    String id = command.getJobId();
    if (id.isEmpty() || id.length() > 64) {
      return Decision.invalid("job_id", id, "1 to 64 characters");
    }
    if (jobs.get(id) != null) {
      return Decision.invalid("job_id", id, "an id that is not taken");
    }
    if (jobs.unended() >= MOST_UNENDED) {
      return Decision.refused(
          Reason.BACKPRESSURE,
          MOST_UNENDED + " jobs have not ended; wait for some to end or cancel some");
    }
    return new Decision.Change(
        () -> {
          var job =
              Job.newBuilder()
                  .setJobId(id)
                  .setSpec(command.getSpec())
                  .setState(JobState.JOB_STATE_PENDING)
                  .setCreateTime(clock.wallTime())
                  .setCreateLedgerMillis(clock.ledgerMillis())
                  .setStateLedgerMillis(clock.ledgerMillis())
                  .setSequence(clock.nextSequence())
                  .build();
          jobs.put(job);
          event("TASK_QUEUED", job, Map.of());
          return result(job);
        });
  }

  Decision assign(AssignJob command, long epoch) {
    Job job = jobs.get(command.getJobId());
    if (job == null) {
      return notFound(command.getJobId());
    }
    if (command.getNodeId().isEmpty() || command.getNodeId().length() > 63) {
      return Decision.invalid("node_id", command.getNodeId(), "1 to 63 characters");
    }
    if (drains.contains(command.getNodeId())) {
      return Decision.refused(
          Reason.NO_CAPACITY,
          "node " + command.getNodeId() + " is draining; choose another or lift the drain");
    }
    return move(
        job,
        JobState.JOB_STATE_CLAIMED,
        "TASK_CLAIMED",
        b ->
            b.setNodeId(command.getNodeId())
                .setAttempt(job.getAttempt() + 1)
                .setEpoch(epoch)
                .setClaimToken(clock.nextClaimToken())
                .setDetail(""));
  }

  Decision unassign(UnassignJob command) {
    Job job = jobs.get(command.getJobId());
    if (job == null) {
      return notFound(command.getJobId());
    }
    if (command.getClaimToken() == 0 || job.getClaimToken() != command.getClaimToken()) {
      return stale(job);
    }
    if (job.getState() != JobState.JOB_STATE_CLAIMED) {
      return illegal(job, JobState.JOB_STATE_PENDING);
    }
    if (job.getCancelRequested()) {
      return move(
          job, JobState.JOB_STATE_CANCELLED, "TASK_CANCELLED", b -> cancelledBeforeStart(b, job));
    }
    return move(
        job,
        JobState.JOB_STATE_PENDING,
        "TASK_UNCLAIMED",
        b -> {
          b.clearNodeId()
              .clearClaimToken()
              .setAttempt(Math.max(0, job.getAttempt() - 1))
              .setDetail(cut(command.getCause(), 1000));
          if (command.getExcludeNode()
              && !job.getRefusedNodeIdsList().contains(job.getNodeId())
              && job.getRefusedNodeIdsCount() < MOST_REFUSED_NODES) {
            b.addRefusedNodeIds(job.getNodeId());
          }
          return b;
        });
  }

  Decision report(ReportProcessRequest report) {
    Job job = jobs.get(report.getJobId());
    if (job == null) {
      return notFound(report.getJobId());
    }
    JobState to = report.getState();
    if (!JobLifecycle.reportable(to)) {
      return Decision.invalid(
          "state", to.name(), "one of STARTING, RUNNING, COMPLETE, FAILED, CANCELLED");
    }
    if (report.getClaimToken() == 0
        || job.getClaimToken() != report.getClaimToken()
        || !job.getNodeId().equals(report.getNodeId())) {
      return stale(job);
    }
    if (job.getState() == to || overtaken(job.getState(), to)) {
      return new Decision.Settled(result(job));
    }
    return move(job, to, eventOf(to), b -> reported(b, report));
  }

  /// Reports of one attempt may overtake each other; an older one is no news. A job that was LOST
  /// is not overtaken by STARTING: its node is back.
  private static boolean overtaken(JobState now, JobState reported) {
    return switch (reported) {
      case JOB_STATE_STARTING -> now == JobState.JOB_STATE_RUNNING || JobLifecycle.ended(now);
      case JOB_STATE_RUNNING -> JobLifecycle.ended(now);
      case JOB_STATE_COMPLETE -> now == JobState.JOB_STATE_PROMOTED;
      case JOB_STATE_FAILED,
          JOB_STATE_CANCELLED,
          JOB_STATE_PENDING,
          JOB_STATE_CLAIMED,
          JOB_STATE_EXPIRED,
          JOB_STATE_LOST,
          JOB_STATE_PROMOTED,
          JOB_STATE_UNSPECIFIED,
          UNRECOGNIZED ->
          false;
    };
  }

  private Job.Builder reported(Job.Builder job, ReportProcessRequest report) {
    if (report.getPid() != 0) {
      job.setPid(report.getPid());
    }
    if (report.getGpuUuidsCount() > 0) {
      job.clearGpuUuids().addAllGpuUuids(report.getGpuUuidsList());
    }
    if (report.hasExit()) {
      job.setExit(report.getExit());
    }
    if (report.getState() == JobState.JOB_STATE_RUNNING && !job.hasStartTime()) {
      job.setStartTime(clock.wallTime());
    }
    return job.setDetail(report.hasExit() ? cut(report.getExit().getDetail(), 1000) : "");
  }

  Decision cancel(String jobId) {
    Job job = jobs.get(jobId);
    if (job == null) {
      return notFound(jobId);
    }
    return switch (job.getState()) {
      case JOB_STATE_PENDING, JOB_STATE_LOST ->
          move(
              job,
              JobState.JOB_STATE_CANCELLED,
              "TASK_CANCELLED",
              b -> cancelledBeforeStart(b, job));
      case JOB_STATE_CLAIMED, JOB_STATE_STARTING, JOB_STATE_RUNNING -> requestCancel(job);
      case JOB_STATE_CANCELLED -> new Decision.Settled(result(job));
      case JOB_STATE_COMPLETE,
          JOB_STATE_FAILED,
          JOB_STATE_EXPIRED,
          JOB_STATE_PROMOTED,
          JOB_STATE_UNSPECIFIED,
          UNRECOGNIZED ->
          illegal(job, JobState.JOB_STATE_CANCELLED);
    };
  }

  private Decision requestCancel(Job job) {
    if (job.getCancelRequested()) {
      return new Decision.Settled(result(job));
    }
    return new Decision.Change(
        () -> {
          var asked =
              job.toBuilder().setCancelRequested(true).setDetail("cancel requested").build();
          jobs.put(asked);
          event("TASK_CANCEL_REQUESTED", asked, Map.of());
          return result(asked);
        });
  }

  /// No node will report the end: the token dies, so that a late report is refused.
  private static Job.Builder cancelledBeforeStart(Job.Builder builder, Job job) {
    return builder
        .clearClaimToken()
        .setCancelRequested(true)
        .setDetail("cancelled while " + JobLifecycle.name(job.getState()))
        .setExit(ExitStatus.newBuilder().setCode(-1).setCause("cancelled"));
  }

  Decision expire(ExpireJobs command) {
    List<Job> pending =
        command.getJobIdsList().stream()
            .distinct()
            .map(jobs::get)
            .filter(Objects::nonNull)
            .filter(job -> job.getState() == JobState.JOB_STATE_PENDING)
            .toList();
    return moveAll(
        pending,
        JobState.JOB_STATE_EXPIRED,
        "TASK_EXPIRED",
        b -> b.clearClaimToken().setDetail("not dispatched in time"));
  }

  Decision lose(LoseJobs command) {
    List<Job> held = jobs.onNode(command.getNodeId());
    var lost =
        held.stream()
            .filter(job -> JobLifecycle.allows(job.getState(), JobState.JOB_STATE_LOST))
            .toList();
    if (lost.isEmpty()) {
      return new Decision.Settled(CommandResult.getDefaultInstance());
    }
    return new Decision.Change(
        () -> {
          var results = CommandResult.newBuilder();
          for (Job job : lost) {
            Decision one =
                job.getCancelRequested()
                    ? move(
                        job,
                        JobState.JOB_STATE_CANCELLED,
                        "TASK_CANCELLED",
                        b -> cancelledBeforeStart(b, job))
                    : move(
                        job,
                        JobState.JOB_STATE_LOST,
                        "TASK_ABANDONED",
                        b -> b.setDetail(cut(command.getCause(), 1000)));
            if (one instanceof Decision.Change(var effect)) {
              results.addAllJobs(effect.get().getJobsList());
            }
          }
          return results.build();
        });
  }

  private Decision moveAll(
      List<Job> all, JobState to, String kind, UnaryOperator<Job.Builder> change) {
    if (all.isEmpty()) {
      return new Decision.Settled(CommandResult.getDefaultInstance());
    }
    return new Decision.Change(
        () -> {
          var results = CommandResult.newBuilder();
          for (Job job : all) {
            if (move(job, to, kind, change) instanceof Decision.Change(var effect)) {
              results.addAllJobs(effect.get().getJobsList());
            }
          }
          return results.build();
        });
  }

  private Decision move(Job job, JobState to, String kind, UnaryOperator<Job.Builder> change) {
    if (!JobLifecycle.allows(job.getState(), to)) {
      return illegal(job, to);
    }
    return new Decision.Change(
        () -> {
          var builder = change.apply(job.toBuilder()).setState(to);
          builder.setStateLedgerMillis(clock.ledgerMillis());
          if (JobLifecycle.ended(to)) {
            builder.setEndTime(clock.wallTime()).setEndLedgerMillis(clock.ledgerMillis());
          }
          var moved = builder.build();
          jobs.put(moved);
          if (to == JobState.JOB_STATE_COMPLETE) {
            hours.completed(clock.ledgerMillis());
          }
          event(kind, moved, Map.of());
          return result(moved);
        });
  }

  private static String eventOf(JobState to) {
    return switch (to) {
      case JOB_STATE_STARTING -> "TASK_STARTING";
      case JOB_STATE_RUNNING -> "TASK_SPAWNED";
      case JOB_STATE_COMPLETE -> "TASK_COMPLETED";
      case JOB_STATE_FAILED -> "TASK_FAILED";
      case JOB_STATE_CANCELLED -> "TASK_CANCELLED";
      case JOB_STATE_PENDING,
          JOB_STATE_CLAIMED,
          JOB_STATE_EXPIRED,
          JOB_STATE_LOST,
          JOB_STATE_PROMOTED,
          JOB_STATE_UNSPECIFIED,
          UNRECOGNIZED ->
          "TASK_CHANGED";
    };
  }

  private void event(String kind, Job job, Map<String, String> more) {
    var attributes = new LinkedHashMap<String, String>(more);
    attributes.put("job_id", job.getJobId());
    attributes.put("job_type", job.getSpec().getJobType());
    attributes.put("node_id", job.getNodeId());
    attributes.put("attempt", Integer.toString(job.getAttempt()));
    if (!job.getDetail().isEmpty()) {
      attributes.put("reason", job.getDetail());
    }
    if (job.hasExit() && job.getState() == JobState.JOB_STATE_FAILED) {
      attributes.put("error", job.getExit().getCause() + " " + job.getExit().getCode());
    }
    events.add(kind, job.getJobId(), attributes);
  }

  private static CommandResult result(Job job) {
    return CommandResult.newBuilder().addJobs(job).build();
  }

  private static Decision notFound(String jobId) {
    return Decision.refused(
        Reason.JOB_NOT_FOUND,
        "no job \"" + cut(jobId, 100) + "\"; `job list` shows those there are");
  }

  private static Decision stale(Job job) {
    return Decision.refused(
        Reason.STALE_CLAIM,
        "job "
            + job.getJobId()
            + " is at attempt "
            + job.getAttempt()
            + " in state "
            + JobLifecycle.name(job.getState())
            + "; the claim named is not the current one, so stop that attempt");
  }

  private static Decision illegal(Job job, JobState to) {
    return Decision.refused(
        Reason.ILLEGAL_TRANSITION,
        "job "
            + job.getJobId()
            + " is "
            + JobLifecycle.name(job.getState())
            + " and cannot become "
            + JobLifecycle.name(to));
  }

  private static String cut(String text, int most) {
    return text.length() <= most ? text : text.substring(0, most);
  }
}
