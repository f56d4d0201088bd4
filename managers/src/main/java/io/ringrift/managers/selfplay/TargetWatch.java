package io.ringrift.managers.selfplay;

import io.grpc.StatusRuntimeException;
import io.ringrift.common.v1.Fence;
import io.ringrift.kernel.Consensus;
import io.ringrift.kernel.Epoch;
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
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;

/// Tells at the leader, as events, how priorities and targets move.
final class TargetWatch {
  static final String KIND = "SELFPLAY_TARGET_UPDATED";

  private static final long DEADLINE_SECONDS = 5;

  private final Services services;
  private final Consensus consensus;
  private final Scores scores;
  private final NodeViews nodes;
  private final Duration interval;
  private final AtomicLong told = new AtomicLong();
  private TargetNews news = new TargetNews(); // used by the loop's thread only
  private Epoch seenIn = Epoch.ZERO;

  TargetWatch(
      Services services, Consensus consensus, Scores scores, NodeViews nodes, Duration interval) {
    this.services = services;
    this.consensus = consensus;
    this.scores = scores;
    this.nodes = nodes;
    this.interval = interval;
  }

  /// @param enabled whether a round does anything
  LoopSpec loop(BooleanSupplier enabled) {
    return new LoopSpec(
        "selfplay_targets",
        interval,
        interval,
        true,
        List.of(),
        epoch -> epoch.filter(_ -> enabled.getAsBoolean()).ifPresent(this::round),
        () -> Map.of("events_recorded", told.get()));
  }

  /// What an earlier time in office saw is no measure.
  void round(Epoch epoch) {
    if (!epoch.equals(seenIn)) {
      news = new TargetNews();
      seenIn = epoch;
    }
    var effective = new TreeMap<ConfigKey, Integer>(Comparator.comparing(ConfigKey::toString));
    var exploration = new HashMap<ConfigKey, Double>();
    for (Scores.OfConfig one : scores.read()) {
      effective.put(one.config(), Scores.greatest(one));
      exploration.put(one.config(), one.signals().modifiers().exploration());
    }
    var targets = new TreeMap<String, Integer>();
    nodes.targets().forEach((node, target) -> targets.put(node.nodeId(), target.total()));
    for (News one : news.changes(effective, exploration, targets)) {
      if (!consensus.leadsNow(epoch)) {
        return;
      }
      record(epoch, one);
    }
  }

  private void record(Epoch epoch, News one) {
    var event =
        RecordEvent.newBuilder()
            .setKind(KIND)
            .setSubject(one.subject())
            .putAllAttributes(one.attributes());
    try {
      var _ =
          StateServiceGrpc.newBlockingStub(services.local())
              .withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS)
              .applyCommand(
                  ApplyCommandRequest.newBuilder()
                      .setFence(Fence.newBuilder().setEpoch(epoch.value()))
                      .setCommand(Command.newBuilder().setRecordEvent(event))
                      .build());
      told.incrementAndGet();
    } catch (StatusRuntimeException e) {
      throw Errors.fromStatus(e);
    }
  }
}
