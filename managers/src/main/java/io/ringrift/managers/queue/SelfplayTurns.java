package io.ringrift.managers.queue;

import io.grpc.Context;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.ringrift.job.v1.Job;
import io.ringrift.job.v1.JobState;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.time.Moment;
import io.ringrift.kernel.time.Ticker;
import io.ringrift.managers.Services;
import io.ringrift.queue.v1.ClaimWorkRequest;
import io.ringrift.queue.v1.WorkState;
import io.ringrift.selfplay.v1.GetTargetsRequest;
import io.ringrift.selfplay.v1.NodeTarget;
import io.ringrift.selfplay.v1.SelfplayServiceGrpc;
import io.ringrift.state.v1.ReadJobsRequest;
import io.ringrift.state.v1.ReadWorkRequest;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// How much self-play a claim may have: no node plays more than its target (SPEC 5.5). The leader
/// sends the claim of a node to the ledger for so many items only, and without the capability to
/// play when it plays as much as it should, so that nothing of the choice is replicated but its
/// outcome. A client that is no node has no target. While targets cannot be read, nobody is held
/// back by them: they bound how much is played, and no game is wrong. Safe for any thread; blocks
/// on reads of this node.
final class SelfplayTurns {
  static final String SELFPLAY = "selfplay";

  private static final Logger LOG = LoggerFactory.getLogger(SelfplayTurns.class);
  private static final long DEADLINE_MILLIS = 5000;

  /// How long targets are taken as they were read: nodes tell of themselves no more often.
  private static final Duration FRESH = Duration.ofSeconds(1);

  private final Services services;
  private final StateClient state;
  private final Ticker ticker;
  private final AtomicReference<@Nullable Seen> seen = new AtomicReference<>();
  private final AtomicReference<@Nullable Moment> again = new AtomicReference<>();
  private final AtomicBoolean troubled = new AtomicBoolean();

  /// Targets by node.
  private record Seen(Moment at, Map<String, Integer> targets) {}

  SelfplayTurns(Services services, StateClient state, Ticker ticker) {
    this.services = services;
    this.state = state;
    this.ticker = ticker;
  }

  /// The claim as far as it may have self-play now.
  ClaimWorkRequest narrowed(ClaimWorkRequest claim) {
    if (!claim.getCapabilitiesList().contains(SELFPLAY)) {
      return claim;
    }
    try {
      Integer target = targets().get(claim.getWorkerId());
      int asked = Math.max(1, claim.getMaxItems());
      if (target == null) {
        return claim;
      }
      int left = target - playing(claim.getWorkerId());
      return left >= asked ? claim : bounded(claim, left);
    } catch (StatusRuntimeException | Refusal e) {
      if (!Context.current().isCancelled()) {
        trouble(e);
      }
      return claim;
    }
  }

  /// What is left out now is asked for again soon: a game that ends gives no hint.
  private ClaimWorkRequest bounded(ClaimWorkRequest claim, int left) {
    again.compareAndSet(null, ticker.now().plus(FRESH));
    if (left > 0) {
      return claim.toBuilder().setMaxItems(left).build();
    }
    var others =
        claim.getCapabilitiesList().stream()
            .filter(capability -> !capability.equals(SELFPLAY))
            .toList();
    return claim.toBuilder().clearCapabilities().addAllCapabilities(others).build();
  }

  private Map<String, Integer> targets() {
    Moment now = ticker.now();
    Seen before = seen.get();
    if (before != null && now.since(before.at()).compareTo(FRESH) < 0) {
      return before.targets();
    }
    var targets = new HashMap<String, Integer>();
    for (NodeTarget target :
        SelfplayServiceGrpc.newBlockingStub(services.local())
            .withDeadlineAfter(DEADLINE_MILLIS, TimeUnit.MILLISECONDS)
            .getTargets(GetTargetsRequest.getDefaultInstance())
            .getTargetsList()) {
      targets.put(target.getNodeId(), target.getTotalJobs());
    }
    troubled.set(false);
    seen.set(new Seen(now, targets));
    return targets;
  }

  /// What it plays by the ledger: items that it holds, and spawned jobs. Its own word comes later.
  private int playing(String node) {
    var items =
        state.read(
            ReadWorkRequest.newBuilder()
                .addStates(WorkState.WORK_STATE_CLAIMED)
                .addStates(WorkState.WORK_STATE_RUNNING)
                .setClaimedBy(node));
    var jobs =
        state.jobs(
            ReadJobsRequest.newBuilder()
                .addStates(JobState.JOB_STATE_CLAIMED)
                .addStates(JobState.JOB_STATE_STARTING)
                .addStates(JobState.JOB_STATE_RUNNING)
                .setNodeId(node));
    return (int)
        (items.getItemsList().stream()
                .filter(item -> item.getSpec().getWorkType().equals(SELFPLAY))
                .count()
            + jobs.getJobsList().stream().filter(SelfplayTurns::plays).count());
  }

  private static boolean plays(Job job) {
    return job.getSpec().getJobType().equals(SELFPLAY);
  }

  private void trouble(RuntimeException why) {
    seen.set(new Seen(ticker.now(), Map.of()));
    boolean served =
        !(why instanceof StatusRuntimeException status)
            || status.getStatus().getCode() != Status.Code.UNIMPLEMENTED;
    if (served && !troubled.getAndSet(true)) {
      LOG.warn(
          "self-play is given out without regard to targets until they can be read: {}",
          why.getMessage());
    }
  }

  /// Whether those that wait should be tried again because one was held back a moment ago; true
  /// once a moment.
  boolean due() {
    Moment next = again.get();
    return next != null && !ticker.now().isBefore(next) && again.compareAndSet(next, null);
  }
}
