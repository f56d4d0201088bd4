package io.ringrift.managers.sync;

import io.ringrift.kernel.BootId;
import io.ringrift.kernel.Consensus;
import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.Member;
import io.ringrift.kernel.Membership;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.time.Moment;
import io.ringrift.kernel.time.Ticker;
import io.ringrift.managers.sync.TargetRests.Failure;
import io.ringrift.managers.sync.TargetRests.Rest;
import io.ringrift.sync.v1.FailingTarget;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The targets that fail in the leader's runs of one type. They rest, are tried again apart from
/// the runs, and the cluster is told when one begins to fail and when it does no longer. A new
/// epoch knows of none. Safe for any thread; recording an event blocks.
final class FailingTargets implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(FailingTargets.class);

  private final RunNews.Type type;
  private final Membership membership;
  private final Consensus consensus;
  private final SyncRun runs;
  private final SyncEvents events;
  private final SyncCounters counters;
  private final Ticker ticker;
  private final Set<Thread> threads = ConcurrentHashMap.newKeySet();

  /// Guards itself.
  private final TargetRests rests = new TargetRests();

  /// @param runs carries out tries
  FailingTargets(
      RunNews.Type type,
      Membership membership,
      Consensus consensus,
      SyncRun runs,
      SyncEvents events,
      SyncCounters counters,
      Ticker ticker) {
    this.type = type;
    this.membership = membership;
    this.consensus = consensus;
    this.runs = runs;
    this.events = events;
    this.counters = counters;
    this.ticker = ticker;
  }

  RunNews.Type type() {
    return type;
  }

  /// What is to be moved now: nothing that rests, and for a target that is spared all files others
  /// in its place. What has rested long enough is tried from now on, beside the caller and each
  /// target by itself.
  CopyPlan begin(Epoch now, RoundPlan plan) {
    TargetRests.Split split;
    SortedSet<NodeId> spared;
    synchronized (rests) {
      rests.renew(now);
      split = rests.split(plan, boots(), ticker.now());
      spared = rests.spared();
    }
    split.tries().forEach((node, part) -> start(now, node, part));
    if (Collections.disjoint(spared, plan.passedOver())) {
      return split.now();
    }
    var others = plan.without(spared);
    synchronized (rests) {
      return rests.open(others.moves(), plan.all());
    }
  }

  private void start(Epoch now, NodeId target, CopyPlan part) {
    var thread =
        Thread.ofVirtual().name("sync-try-" + target).unstarted(() -> tryAgain(now, target, part));
    threads.add(thread);
    thread.start();
  }

  private void tryAgain(Epoch now, NodeId target, CopyPlan part) {
    try {
      note(now, part, runs.once(now, part));
    } catch (InterruptedException e) {
      LOG.debug("the try of {} was cut short by the end of the node", target);
    } finally {
      synchronized (rests) {
        rests.tried(now, target);
      }
      threads.remove(Thread.currentThread());
    }
  }

  /// Learns how a run ended. Whose office is over meanwhile has given up its orders itself.
  void note(Epoch now, CopyPlan plan, SyncRun.Outcome outcome) {
    if (type == RunNews.Type.TRAINING) {
      counters.add(SyncCounters.TRAINING_FILES, outcome.response().getFilesCompleted());
    }
    if (!consensus.leadsNow(now)) {
      return;
    }
    for (NodeId target : plan.targets()) {
      var failure = outcome.failures().get(target);
      if (failure == null) {
        arrived(now, plan, target);
      } else {
        failed(now, plan, target, failure);
      }
    }
  }

  private void arrived(Epoch now, CopyPlan plan, NodeId target) {
    Optional<Rest> ended;
    synchronized (rests) {
      rests.renew(now);
      ended = rests.arrived(target, plan.paths(target));
    }
    ended.ifPresent(rest -> tellRecovered(now, target, rest));
  }

  private void failed(Epoch now, CopyPlan plan, NodeId target, Failure failure) {
    boolean begins;
    synchronized (rests) {
      rests.renew(now);
      var boot = Optional.ofNullable(boots().get(target));
      begins = rests.failed(target, boot, plan.paths(target), failure, ticker.now());
    }
    if (begins) {
      events.record(
          now,
          SyncEvents.TARGET_FAILING,
          target.value(),
          Map.of(
              "node_id", target.value(),
              "sync_type", type.attribute(),
              "files", failure.paths().isEmpty() ? "all" : Integer.toString(failure.paths().size()),
              "reason", failure.first().getReason(),
              "error", RunNews.error(failure.first())));
    }
  }

  private void tellRecovered(Epoch now, NodeId target, Rest rest) {
    events.record(
        now,
        SyncEvents.TARGET_RECOVERED,
        target.value(),
        Map.of(
            "node_id", target.value(),
            "sync_type", type.attribute(),
            "seconds", Long.toString(ticker.now().since(rest.since()).toSeconds()),
            "cause", "arrived"));
  }

  private Map<NodeId, BootId> boots() {
    return membership.members().stream().collect(Collectors.toMap(Member::id, Member::boot));
  }

  /// No target fails.
  boolean none() {
    synchronized (rests) {
      return rests.all().isEmpty();
    }
  }

  /// For the status, sorted by node.
  List<FailingTarget> told() {
    synchronized (rests) {
      Moment now = ticker.now();
      return rests.all().entrySet().stream().map(e -> told(e.getKey(), e.getValue(), now)).toList();
    }
  }

  private FailingTarget told(NodeId node, Rest rest, Moment now) {
    var message =
        FailingTarget.newBuilder()
            .setNodeId(node.value())
            .setSyncType(type.attribute())
            .setFailingFor(duration(now.since(rest.since())))
            .setRuns(rest.runs())
            .setFiles(rest.paths().size())
            .setReason(rest.first().getReason())
            .setDetail(RunNews.error(rest.first()));
    if (!rest.trying() && now.isBefore(rest.until())) {
      message.setRestsFor(duration(rest.until().since(now)));
    }
    return message.build();
  }

  private static com.google.protobuf.Duration duration(Duration time) {
    return com.google.protobuf.Duration.newBuilder()
        .setSeconds(time.getSeconds())
        .setNanos(time.getNano())
        .build();
  }

  @Override
  public void close() {
    threads.forEach(Thread::interrupt);
  }
}
