package io.ringrift.managers.watch;

import io.ringrift.job.v1.Job;
import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.time.Ticker;
import io.ringrift.managers.LoopSpec;
import io.ringrift.queue.v1.ClaimRef;
import io.ringrift.queue.v1.FailWorkRequest;
import io.ringrift.queue.v1.WorkItem;
import io.ringrift.state.v1.CancelJob;
import io.ringrift.state.v1.Command;
import io.ringrift.state.v1.UpdateClaim;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The leader's cycle over nodes under pressure (SPEC 5.9, steps 1 to 4). Spawned jobs are
/// cancelled; queue items are given back or failed by their claim, and their workers stop what they
/// lost. The queue gives them out again, here too once the node's target and its own guards leave
/// room.
final class JobManagement {
  private static final Logger LOG = LoggerFactory.getLogger(JobManagement.class);

  private final Office office;
  private final PressureConfig config;
  private final Ticker ticker;
  private final Pressure pressure;
  private final AtomicLong cleanUps = new AtomicLong();
  private final AtomicLong shed = new AtomicLong();
  private final AtomicLong restarted = new AtomicLong();
  private final AtomicLong sweeps = new AtomicLong();

  // Used by the loop's thread only.
  private Optional<Epoch> term = Optional.empty();

  JobManagement(Office office, PressureConfig config, Ticker ticker) {
    this.office = office;
    this.config = config;
    this.ticker = ticker;
    this.pressure = new Pressure(config);
  }

  LoopSpec loop() {
    return new LoopSpec(
        "job_management",
        config.interval(),
        config.interval(),
        true,
        List.of("job_reaper"),
        this::round,
        this::counters);
  }

  Map<String, Long> counters() {
    return Map.of(
        "enabled", config.enabled() ? 1L : 0L,
        "cleanups_requested", cleanUps.get(),
        "jobs_shed", shed.get(),
        "jobs_restarted", restarted.get(),
        "sweeps", sweeps.get());
  }

  private void round(Optional<Epoch> duty) {
    Epoch epoch = duty.orElseThrow();
    if (!term.equals(duty)) {
      term = duty;
      pressure.reset();
    }
    for (Pressure.Action action : pressure.step(ticker.now(), office.nodes(), office.targets())) {
      switch (action) {
        case Pressure.Action.CleanUp(var node, var percent) -> {
          office.event(
              epoch,
              "DISK_CLEANUP_NEEDED",
              node,
              Map.of("node_id", node, "disk_percent", Long.toString(Math.round(percent))));
          cleanUps.incrementAndGet();
        }
        case Pressure.Action.Shed(var node, var keep, var cause) -> shed(epoch, node, keep, cause);
        case Pressure.Action.Restart(var node, var onlyGpus, var cause) ->
            restart(epoch, node, onlyGpus, cause);
      }
    }
  }

  /// The newest go first: they have the least to lose.
  private void shed(Epoch epoch, String node, int keep, String cause) {
    // What is being cancelled already is as good as gone, however long its process takes to end.
    List<Job> jobs =
        office.jobsAt(node).stream()
            .filter(job -> selfplay(job) && !job.getCancelRequested())
            .toList();
    List<WorkItem> items =
        office.itemsAt(node).stream().filter(i -> isSelfplay(i.getSpec().getWorkType())).toList();
    int tooMany = jobs.size() + items.size() - keep;
    var commands = new ArrayList<Command.Builder>();
    items.forEach(item -> commands.add(giveBack(item, "load shed: " + cause)));
    jobs.forEach(job -> commands.add(end(job)));
    long done = apply(epoch, commands.subList(0, Math.clamp(tooMany, 0, commands.size())));
    shed.addAndGet(done);
    if (done > 0) {
      told(epoch, "NODE_LOAD_SHED", node, done, cause);
    }
  }

  private void restart(Epoch epoch, String node, boolean onlyGpus, String cause) {
    var commands = new ArrayList<Command.Builder>();
    office.itemsAt(node).stream()
        .filter(item -> isSelfplay(item.getSpec().getWorkType()))
        .filter(item -> !onlyGpus || item.getSpec().getJob().getGpus() > 0)
        .forEach(item -> commands.add(fail(item, "stuck: " + cause)));
    office.jobsAt(node).stream()
        .filter(job -> selfplay(job) && !job.getCancelRequested())
        .filter(job -> !onlyGpus || job.getGpuUuidsCount() > 0)
        .forEach(job -> commands.add(end(job)));
    long done = apply(epoch, commands);
    restarted.addAndGet(done);
    if (done > 0) {
      sweeps.incrementAndGet();
      told(epoch, "NODE_JOBS_RESTARTED", node, done, cause);
    }
  }

  private void told(Epoch epoch, String kind, String node, long jobs, String cause) {
    LOG.warn("{} self-play jobs are taken off {}: {}", jobs, node, cause);
    office.event(
        epoch, kind, node, Map.of("node_id", node, "jobs", Long.toString(jobs), "reason", cause));
  }

  /// One that had ended meanwhile does not keep the others.
  private long apply(Epoch epoch, List<Command.Builder> commands) {
    long done = 0;
    for (Command.Builder command : commands) {
      try {
        office.apply(epoch, command);
        done++;
      } catch (Refusal e) {
        if (!settled(e.reason())) {
          throw e;
        }
        LOG.debug("had moved on: {}", e.text());
      }
    }
    return done;
  }

  private static boolean settled(Reason reason) {
    return reason == Reason.ILLEGAL_TRANSITION
        || reason == Reason.STALE_CLAIM
        || reason == Reason.JOB_NOT_FOUND
        || reason == Reason.WORK_NOT_FOUND;
  }

  private static Command.Builder end(Job job) {
    return Command.newBuilder().setCancelJob(CancelJob.newBuilder().setJobId(job.getJobId()));
  }

  private static Command.Builder giveBack(WorkItem item, String cause) {
    return Command.newBuilder()
        .setUpdateClaim(UpdateClaim.newBuilder().setClaim(claim(item)).setReleased(cause));
  }

  private static Command.Builder fail(WorkItem item, String cause) {
    return Command.newBuilder()
        .setUpdateClaim(
            UpdateClaim.newBuilder()
                .setClaim(claim(item))
                .setFailed(FailWorkRequest.newBuilder().setClaim(claim(item)).setError(cause)));
  }

  private static ClaimRef claim(WorkItem item) {
    return ClaimRef.newBuilder()
        .setWorkId(item.getWorkId())
        .setClaimToken(item.getClaimToken())
        .setWorkerId(item.getClaimedBy())
        .build();
  }

  private static boolean selfplay(Job job) {
    return isSelfplay(job.getSpec().getJobType());
  }

  private static boolean isSelfplay(String type) {
    return type.contains("selfplay");
  }
}
