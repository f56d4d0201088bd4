package io.ringrift.managers.selfplay;

import com.google.protobuf.ByteString;
import io.grpc.StatusRuntimeException;
import io.ringrift.common.v1.Fence;
import io.ringrift.kernel.Consensus;
import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.time.Ticker;
import io.ringrift.kernel.wire.Errors;
import io.ringrift.managers.LoopSpec;
import io.ringrift.managers.Services;
import io.ringrift.managers.selfplay.TargetNews.News;
import io.ringrift.state.v1.ApplyCommandRequest;
import io.ringrift.state.v1.Command;
import io.ringrift.state.v1.RecordEvent;
import io.ringrift.state.v1.StateServiceGrpc;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;

/// Tells at the leader, as events, how priorities, targets and the best of the ladders move.
final class TargetWatch {
  private static final long DEADLINE_SECONDS = 5;
  private static final Comparator<ConfigKey> BY_NAME = Comparator.comparing(ConfigKey::toString);

  private final Services services;
  private final Consensus consensus;
  private final Scores scores;
  private final NodeViews nodes;
  private final Duration interval;
  private final Ticker ticker;
  private final QueueSight queue;
  private final AtomicLong told = new AtomicLong();
  private volatile String lack = "";

  // Used by the loop's thread only.
  private TargetNews news = new TargetNews();
  private EloVelocity velocity = new EloVelocity();
  private Epoch seenIn = Epoch.ZERO;

  TargetWatch(
      Services services,
      Consensus consensus,
      Scores scores,
      NodeViews nodes,
      Duration interval,
      Ticker ticker) {
    this.services = services;
    this.consensus = consensus;
    this.scores = scores;
    this.nodes = nodes;
    this.queue = new QueueSight(services);
    this.interval = interval;
    this.ticker = ticker;
  }

  /// Why no node plays although games are wanted, as the last round at the leader saw it; empty
  /// when one does.
  String lack() {
    return lack;
  }

  /// @param enabled whether events are told
  LoopSpec loop(BooleanSupplier enabled) {
    return new LoopSpec(
        "selfplay_targets",
        interval,
        interval,
        true,
        List.of(),
        epoch -> epoch.ifPresent(now -> round(now, enabled.getAsBoolean())),
        () -> Map.of("events_recorded", told.get()));
  }

  private void round(Epoch epoch, boolean enabled) {
    var targets = nodes.targets();
    String idle = Idle.lack(targets);
    lack = idle.isEmpty() || enabled || queue.selfplayWaits() ? idle : "";
    if (enabled) {
      tell(epoch, targets);
    }
  }

  /// What an earlier time in office saw is no measure.
  private void tell(Epoch epoch, Map<Targets.Node, Targets.Target> targets) {
    if (!epoch.equals(seenIn)) {
      news = new TargetNews();
      velocity = new EloVelocity();
      seenIn = epoch;
    }
    var scored = scores.read();
    tellVelocities(epoch, scored);
    tellTargets(epoch, scored, targets);
  }

  private void tellVelocities(Epoch epoch, List<Scores.OfConfig> scored) {
    var best = new TreeMap<ConfigKey, OptionalDouble>(BY_NAME);
    scored.forEach(one -> best.put(one.config(), one.signals().bestElo()));
    for (EloVelocity.Change change : velocity.step(ticker.now(), best)) {
      if (!consensus.leadsNow(epoch)) {
        return;
      }
      // Under its id a change whose answer was lost is recorded once.
      String id = "elo-" + epoch.value() + "-" + change.config() + "-" + change.number();
      record(
          epoch,
          id,
          event("ELO_VELOCITY_CHANGED", change.config().toString(), change.attributes()));
      velocity.told(ticker.now(), change);
    }
  }

  private void tellTargets(
      Epoch epoch, List<Scores.OfConfig> scored, Map<Targets.Node, Targets.Target> ofNodes) {
    var effective = new TreeMap<ConfigKey, Integer>(BY_NAME);
    var exploration = new HashMap<ConfigKey, Double>();
    for (Scores.OfConfig one : scored) {
      effective.put(one.config(), Scores.greatest(one));
      exploration.put(one.config(), one.signals().modifiers().exploration());
    }
    var targets = new TreeMap<String, Integer>();
    ofNodes.forEach((node, target) -> targets.put(node.nodeId(), target.total()));
    for (News one : news.changes(effective, exploration, targets)) {
      if (!consensus.leadsNow(epoch)) {
        return;
      }
      record(epoch, "", event("SELFPLAY_TARGET_UPDATED", one.subject(), one.attributes()));
    }
  }

  private static RecordEvent.Builder event(
      String kind, String subject, Map<String, String> attributes) {
    return RecordEvent.newBuilder().setKind(kind).setSubject(subject).putAllAttributes(attributes);
  }

  /// @param requestId may be empty
  private void record(Epoch epoch, String requestId, RecordEvent.Builder event) {
    var command = Command.newBuilder().setRequestId(requestId).setRecordEvent(event);
    if (!requestId.isEmpty()) {
      // The figures of the moment are no part of what is told once.
      command.setBodyDigest(ByteString.copyFromUtf8(event.getKind()));
    }
    try {
      var _ =
          StateServiceGrpc.newBlockingStub(services.local())
              .withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS)
              .applyCommand(
                  ApplyCommandRequest.newBuilder()
                      .setFence(Fence.newBuilder().setEpoch(epoch.value()))
                      .setCommand(command)
                      .build());
      told.incrementAndGet();
    } catch (StatusRuntimeException e) {
      throw Errors.fromStatus(e);
    }
  }
}
