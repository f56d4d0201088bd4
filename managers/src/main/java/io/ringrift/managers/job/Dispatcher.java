package io.ringrift.managers.job;

import io.grpc.StatusRuntimeException;
import io.ringrift.common.v1.Fence;
import io.ringrift.job.v1.Job;
import io.ringrift.job.v1.JobState;
import io.ringrift.job.v1.ProcessOrder;
import io.ringrift.job.v1.ProcessServiceGrpc;
import io.ringrift.job.v1.StartProcessRequest;
import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.time.Moment;
import io.ringrift.kernel.time.Ticker;
import io.ringrift.kernel.wire.Errors;
import io.ringrift.managers.Services;
import io.ringrift.placement.v1.PlacementServiceGrpc;
import io.ringrift.placement.v1.RankNodesRequest;
import io.ringrift.placement.v1.RankNodesResponse;
import io.ringrift.placement.v1.RankedNode;
import io.ringrift.state.v1.AssignJob;
import io.ringrift.state.v1.Command;
import io.ringrift.state.v1.UnassignJob;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Gives pending jobs to nodes. An order whose answer was lost is sent again to the same node,
/// which answers a repeat without a second start; only a definite refusal, or a node that is no
/// longer ALIVE, gives the job back. Owned by the dispatch loop.
final class Dispatcher {
  private static final Logger LOG = LoggerFactory.getLogger(Dispatcher.class);
  private static final Duration REST_AFTER_REFUSAL = Duration.ofSeconds(1);

  private final Services services;
  private final JobTableClient table;
  private final JobConfig config;
  private final Ticker ticker;
  private final Needs needs;
  private final Predicate<NodeId> alive;

  /// When a job was sent to its node, for what its facts do not show yet.
  private final Map<String, Moment> sent = new HashMap<>();

  /// Nodes that just refused for want of room, until they may be asked again.
  private final Map<String, Moment> resting = new HashMap<>();

  private final AtomicLong dispatched = new AtomicLong();
  private final AtomicLong givenBack = new AtomicLong();

  Dispatcher(
      Services services,
      JobTableClient table,
      JobConfig config,
      Ticker ticker,
      Predicate<NodeId> alive) {
    this.services = services;
    this.table = table;
    this.config = config;
    this.ticker = ticker;
    this.needs = new Needs(config.templates());
    this.alive = alive;
  }

  Map<String, Long> counters() {
    return Map.of("dispatched", dispatched.get(), "given_back", givenBack.get());
  }

  /// One pass over what waits, oldest first.
  ///
  /// @param guard throws once the epoch is over; asked before each side effect
  void dispatch(Epoch epoch, Runnable guard, List<Job> pending, List<Job> active) {
    Moment now = ticker.now();
    resting.values().removeIf(until -> !now.isBefore(until));
    active.forEach(job -> sent.putIfAbsent(job.getJobId(), now));
    sent.keySet()
        .retainAll(
            java.util.stream.Stream.concat(active.stream(), pending.stream())
                .map(Job::getJobId)
                .collect(java.util.stream.Collectors.toSet()));
    for (Job job : active) {
      if (job.getState() == JobState.JOB_STATE_CLAIMED && !job.getCancelRequested()) {
        guard.run();
        order(epoch, job);
      }
    }
    Map<String, Integer> inFlight = inFlight(active, now);
    for (Job job : pending) {
      guard.run();
      settle(() -> place(epoch, job, inFlight));
    }
  }

  /// Jobs by node that its facts may not show yet (SPEC 11, failure 13).
  private Map<String, Integer> inFlight(List<Job> active, Moment now) {
    var counts = new HashMap<String, Integer>();
    for (Job job : active) {
      Moment since = sent.getOrDefault(job.getJobId(), now);
      if (now.since(since).compareTo(config.factsLag()) < 0) {
        counts.merge(job.getNodeId(), 1, Integer::sum);
      }
    }
    return counts;
  }

  private void place(Epoch epoch, Job job, Map<String, Integer> inFlight) {
    Optional<String> node = winner(job, inFlight);
    if (node.isEmpty()) {
      return;
    }
    Job assigned =
        table
            .apply(
                epoch,
                Command.newBuilder()
                    .setAssignJob(
                        AssignJob.newBuilder().setJobId(job.getJobId()).setNodeId(node.get())))
            .getJobs(0);
    sent.put(job.getJobId(), ticker.now());
    inFlight.merge(node.get(), 1, Integer::sum);
    order(epoch, assigned);
  }

  private Optional<String> winner(Job job, Map<String, Integer> inFlight) {
    return rank(job, inFlight).getNodesList().stream()
        .filter(RankedNode::getFeasible)
        .map(RankedNode::getNodeId)
        .filter(node -> !resting.containsKey(node))
        .findFirst();
  }

  RankNodesResponse rank(Job job, Map<String, Integer> inFlight) {
    try {
      return PlacementServiceGrpc.newBlockingStub(services.local())
          .withDeadlineAfter(config.callTimeout().toMillis(), TimeUnit.MILLISECONDS)
          .rankNodes(
              RankNodesRequest.newBuilder()
                  .setNeed(needs.of(job))
                  .putAllInFlight(inFlight)
                  .build());
    } catch (StatusRuntimeException e) {
      throw Errors.fromStatus(e);
    }
  }

  /// Sends the order of a claimed job; sending it again is harmless.
  private void order(Epoch epoch, Job job) {
    var request =
        StartProcessRequest.newBuilder()
            .setFence(
                Fence.newBuilder().setEpoch(epoch.value()).setLeaderId(services.self().value()))
            .setOrder(
                ProcessOrder.newBuilder()
                    .setJobId(job.getJobId())
                    .setAttempt(job.getAttempt())
                    .setClaimToken(job.getClaimToken())
                    .setSpec(job.getSpec()))
            .build();
    try {
      boolean duplicate =
          ProcessServiceGrpc.newBlockingStub(services.on(new NodeId(job.getNodeId())))
              .withDeadlineAfter(config.callTimeout().toMillis(), TimeUnit.MILLISECONDS)
              .startProcess(request)
              .getDuplicate();
      if (!duplicate) {
        dispatched.incrementAndGet();
      }
    } catch (StatusRuntimeException e) {
      refused(epoch, job, Errors.fromStatus(e));
    } catch (Refusal e) {
      refused(epoch, job, e);
    }
  }

  private void refused(Epoch epoch, Job job, Refusal why) {
    switch (OrderOutcome.of(why.reason())) {
      case UNKNOWN -> {
        if (!alive.test(new NodeId(job.getNodeId()))) {
          giveBack(epoch, job, why, false);
        } else {
          LOG.info("order of {} to {} is sent again: {}", id(job), job.getNodeId(), why.text());
        }
      }
      case NO_ROOM -> {
        resting.put(job.getNodeId(), ticker.now().plus(REST_AFTER_REFUSAL));
        giveBack(epoch, job, why, false);
      }
      case UNFIT -> giveBack(epoch, job, why, true);
      case OVERTAKEN -> {
        if (why.reason() == Reason.STALE_EPOCH) {
          // The node knows a newer leader: this office is over.
          throw why;
        }
        giveBack(epoch, job, why, false);
      }
    }
  }

  private void giveBack(Epoch epoch, Job job, Refusal why, boolean exclude) {
    givenBack.incrementAndGet();
    LOG.info("{} goes back from {}: {}", id(job), job.getNodeId(), why.text());
    settle(
        () ->
            table.apply(
                epoch,
                Command.newBuilder()
                    .setUnassignJob(
                        UnassignJob.newBuilder()
                            .setJobId(job.getJobId())
                            .setClaimToken(job.getClaimToken())
                            .setCause(job.getNodeId() + ": " + why.reason() + ": " + why.text())
                            .setExcludeNode(exclude))));
  }

  /// One job's refusal by the table does not hold up the others.
  private static void settle(Runnable step) {
    try {
      step.run();
    } catch (Refusal e) {
      if (!Reporter.definite(e.reason()) && e.reason() != Reason.NO_CAPACITY) {
        throw e;
      }
      LOG.info("settled meanwhile: {}", e.text());
    }
  }

  private static String id(Job job) {
    return "job " + job.getJobId() + " attempt " + job.getAttempt();
  }
}
