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
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
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

  /// Up to this age they are taken while they are read anew.
  private static final Duration USABLE = Duration.ofSeconds(10);

  private final Services services;
  private final StateClient state;
  private final Ticker ticker;
  private final AtomicReference<@Nullable Seen> seen = new AtomicReference<>();
  private final AtomicReference<@Nullable Moment> again = new AtomicReference<>();
  private final AtomicBoolean troubled = new AtomicBoolean();
  private final ReentrantLock reading = new ReentrantLock();

  /// Targets by node, as they were had at that time.
  private record Seen(Moment at, Map<String, NodeTarget> targets) {
    Duration age(Moment now) {
      return now.since(at);
    }
  }

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
      NodeTarget target = targets().get(claim.getWorkerId());
      int asked = Math.max(1, claim.getMaxItems());
      if (target == null) {
        return claim;
      }
      int left = target.getTotalJobs() - playing(claim.getWorkerId());
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

  /// Why a node gets no self-play now: it plays as much as its target allows. Empty when it may
  /// have some, has no target, and while targets cannot be read.
  Optional<String> full(String node) {
    try {
      NodeTarget target = targets().get(node);
      if (target == null) {
        return Optional.empty();
      }
      int playing = playing(node);
      return playing < target.getTotalJobs() ? Optional.empty() : Optional.of(why(target, playing));
    } catch (StatusRuntimeException | Refusal e) {
      return Optional.empty();
    }
  }

  private static String why(NodeTarget target, int playing) {
    String causes =
        target.getCausesCount() == 0
            ? "cap of " + target.getHardware()
            : String.join(", ", target.getCausesList());
    return "plays " + playing + " of " + target.getTotalJobs() + ": " + causes;
  }

  /// One reads at a time; the others meanwhile take what was had before, if that is not too old.
  private Map<String, NodeTarget> targets() {
    Seen before = seen.get();
    if (before != null && before.age(ticker.now()).compareTo(FRESH) < 0) {
      return before.targets();
    }
    if (before == null || before.age(ticker.now()).compareTo(USABLE) > 0) {
      reading.lock();
    } else if (!reading.tryLock()) {
      return before.targets();
    }
    try {
      Seen meanwhile = seen.get();
      return meanwhile != null && meanwhile.age(ticker.now()).compareTo(FRESH) < 0
          ? meanwhile.targets()
          : read();
    } finally {
      reading.unlock();
    }
  }

  private Map<String, NodeTarget> read() {
    var targets = new HashMap<String, NodeTarget>();
    for (NodeTarget target :
        SelfplayServiceGrpc.newBlockingStub(services.local())
            .withDeadlineAfter(DEADLINE_MILLIS, TimeUnit.MILLISECONDS)
            .getTargets(GetTargetsRequest.getDefaultInstance())
            .getTargetsList()) {
      targets.put(target.getNodeId(), target);
    }
    troubled.set(false);
    seen.set(new Seen(ticker.now(), targets));
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
