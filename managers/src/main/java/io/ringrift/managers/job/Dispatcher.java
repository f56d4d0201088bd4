package io.ringrift.managers.job;

import io.grpc.StatusRuntimeException;
import io.ringrift.job.v1.Job;
import io.ringrift.job.v1.JobState;
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
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Gives pending jobs to nodes. An order whose answer was lost is sent again to the same node,
/// which answers a repeat without a second start; only a definite refusal gives the job back. While
/// nothing definite is heard the job stays with its node; when that is gone, the job is LOST with
/// it (RELIABILITY J2). Owned by the dispatch loop.
final class Dispatcher {
  private static final Logger LOG = LoggerFactory.getLogger(Dispatcher.class);
  private static final Duration SHORTEST_REST = Duration.ofSeconds(1);

  /// Jobs that are placed before their orders go out.
  private static final int WAVE = 64;

  private final Services services;
  private final JobTableClient table;
  private final Supplier<JobConfig> config;
  private final Ticker ticker;
  private final Predicate<NodeId> alive;
  private final OrderLanes lanes;

  /// When a job was sent to its node, for what its facts do not show yet.
  private final Map<String, Moment> sent = new HashMap<>();

  /// Nodes that just refused for a cause of their own or did not answer, until they may be asked
  /// again.
  private final Map<NodeId, Moment> resting = new HashMap<>();

  private final AtomicLong dispatched = new AtomicLong();
  private final AtomicLong givenBack = new AtomicLong();

  Dispatcher(
      Services services,
      JobTableClient table,
      Supplier<JobConfig> config,
      Ticker ticker,
      Predicate<NodeId> alive) {
    this.services = services;
    this.table = table;
    this.config = config;
    this.ticker = ticker;
    this.alive = alive;
    this.lanes = new OrderLanes(services, ticker, config.get().callTimeout());
  }

  Map<String, Long> counters() {
    return Map.of("dispatched", dispatched.get(), "given_back", givenBack.get());
  }

  /// One pass over what waits, oldest first.
  ///
  /// @param guard throws once the epoch is over; asked before each side effect
  void dispatch(Epoch epoch, Runnable guard, List<Job> pending, List<Job> active)
      throws InterruptedException {
    Moment now = ticker.now();
    resting.values().removeIf(until -> !now.isBefore(until));
    active.forEach(job -> sent.putIfAbsent(job.getJobId(), now));
    sent.keySet()
        .retainAll(
            Stream.concat(active.stream(), pending.stream())
                .map(Job::getJobId)
                .collect(Collectors.toSet()));
    order(
        epoch,
        guard,
        active.stream()
            .filter(job -> job.getState() == JobState.JOB_STATE_CLAIMED)
            .filter(job -> !job.getCancelRequested() && open(new NodeId(job.getNodeId())))
            .map(job -> new OrderLanes.Order(job, true))
            .toList());
    Map<String, Integer> inFlight = inFlight(active, now);
    for (int from = 0; from < pending.size(); from += WAVE) {
      var wave = new ArrayList<OrderLanes.Order>();
      for (Job job : pending.subList(from, Math.min(pending.size(), from + WAVE))) {
        guard.run();
        settle(
            () ->
                place(epoch, job, inFlight)
                    .ifPresent(placed -> wave.add(new OrderLanes.Order(placed, false))));
      }
      order(epoch, guard, wave);
    }
  }

  /// Whether a node is worth a call now.
  boolean open(NodeId node) {
    return !resting.containsKey(node) && alive.test(node);
  }

  /// A node that kept its caller waiting is left alone for as long.
  void rest(NodeId node, Duration took) {
    Duration rest = took.compareTo(SHORTEST_REST) > 0 ? took : SHORTEST_REST;
    resting.put(node, ticker.now().plus(rest));
  }

  /// Jobs by node that its facts may not show yet (SPEC 11, failure 13).
  private Map<String, Integer> inFlight(List<Job> active, Moment now) {
    var counts = new HashMap<String, Integer>();
    for (Job job : active) {
      Moment since = sent.getOrDefault(job.getJobId(), now);
      if (now.since(since).compareTo(config.get().factsLag()) < 0) {
        counts.merge(job.getNodeId(), 1, Integer::sum);
      }
    }
    return counts;
  }

  private Optional<Job> place(Epoch epoch, Job job, Map<String, Integer> inFlight) {
    Optional<String> node = winner(job, inFlight);
    if (node.isEmpty()) {
      return Optional.empty();
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
    return Optional.of(assigned);
  }

  private Optional<String> winner(Job job, Map<String, Integer> inFlight) {
    return rank(job, inFlight).getNodesList().stream()
        .filter(RankedNode::getFeasible)
        .map(RankedNode::getNodeId)
        .filter(node -> open(new NodeId(node)))
        .findFirst();
  }

  RankNodesResponse rank(Job job, Map<String, Integer> inFlight) {
    try {
      return PlacementServiceGrpc.newBlockingStub(services.local())
          .withDeadlineAfter(config.get().callTimeout().toMillis(), TimeUnit.MILLISECONDS)
          .rankNodes(
              RankNodesRequest.newBuilder()
                  .setNeed(new Needs(config.get().templates()).of(job))
                  .putAllInFlight(inFlight)
                  .build());
    } catch (StatusRuntimeException e) {
      throw Errors.fromStatus(e);
    }
  }

  private void order(Epoch epoch, Runnable guard, List<OrderLanes.Order> orders)
      throws InterruptedException {
    for (OrderLanes.Answer answer : lanes.send(epoch, guard, orders)) {
      switch (answer) {
        case OrderLanes.Answer.Taken(_, var fresh) -> {
          if (fresh) {
            dispatched.incrementAndGet();
          }
        }
        case OrderLanes.Answer.Refused(var order, var why, var took) -> {
          if (OrderOutcome.ofNode(why.reason())) {
            rest(order.node(), took);
          }
          refused(epoch, order, why);
        }
        case OrderLanes.Answer.Unsent(var order, var why) -> {
          if (!order.repeat()) {
            giveBack(epoch, order.job(), why, false);
          }
        }
      }
    }
  }

  private void refused(Epoch epoch, OrderLanes.Order order, Refusal why) {
    Job job = order.job();
    switch (OrderOutcome.of(why.reason())) {
      case UNKNOWN -> again(job, why);
      case NO_ROOM -> giveBack(epoch, job, why, false);
      case UNFIT -> giveBack(epoch, job, why, true);
      case OVERTAKEN -> {
        // That one node knows a newer epoch is its answer and not the end of this office, which the
        // guard has just confirmed. It refuses a repeat before it looks whether the first is there.
        if (why.reason() == Reason.STALE_EPOCH && order.repeat()) {
          again(job, why);
        } else {
          giveBack(epoch, job, why, false);
        }
      }
    }
  }

  private static void again(Job job, Refusal why) {
    LOG.info("order of {} to {} is sent again: {}", id(job), job.getNodeId(), why.text());
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
