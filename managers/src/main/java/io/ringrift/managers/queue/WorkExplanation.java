package io.ringrift.managers.queue;

import com.google.protobuf.Duration;
import io.ringrift.managers.LeaderHint;
import io.ringrift.placement.v1.RankNodesResponse;
import io.ringrift.placement.v1.RankedNode;
import io.ringrift.queue.v1.ExplainWorkResponse;
import io.ringrift.queue.v1.WorkItem;
import io.ringrift.queue.v1.WorkState;
import io.ringrift.state.v1.ReadWorkRequest;
import io.ringrift.state.v1.ReadWorkResponse;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Why an item waits: who is ahead, what it depends on, which nodes could run it, whom it is kept
/// for. Order, priority, the hold and the targets of self-play are what decides. Nodes are judged
/// by placement, whose limits of disk and memory are tighter than the guards by which a worker
/// claims; what those find short is in the conditions of the worker's facts.
final class WorkExplanation {
  /// Obstacles that are gone sooner than a bigger node is there.
  private static final Set<String> PASSING =
      Set.of(
          "NO_FREE_SLOT",
          "NO_FREE_GPU",
          "OVERLOADED",
          "DRAINING",
          "NO_FACTS",
          "UNHEALTHY_MEMORY",
          "UNHEALTHY_DISK");

  private static final String TARGET_REACHED = "TARGET_REACHED";

  private final StateClient state;
  private final WorkRanking ranking;
  private final TrainingTurns turns;
  private final SelfplayTurns games;
  private final LeaderHint hint;

  WorkExplanation(
      StateClient state,
      WorkRanking ranking,
      TrainingTurns turns,
      SelfplayTurns games,
      LeaderHint hint) {
    this.state = state;
    this.ranking = ranking;
    this.turns = turns;
    this.games = games;
    this.hint = hint;
  }

  ExplainWorkResponse explain(String workId) {
    WorkItem item = state.resolve(workId);
    var answer = ExplainWorkResponse.newBuilder().setItem(item);
    if (item.getState() != WorkState.WORK_STATE_PENDING) {
      return answer.build();
    }
    boolean trains = item.getSpec().getWorkType().equals(WorkRanking.TRAINING);
    place(answer, item);
    List<String> advice = dependencies(answer, item);
    RankNodesResponse ranked =
        ranking
            .of(item, trains ? turns.training() : List.of())
            .map(
                all ->
                    item.getSpec().getWorkType().equals(SelfplayTurns.SELFPLAY) ? played(all) : all)
            .orElseGet(RankNodesResponse::getDefaultInstance);
    answer.addAllNodes(ranked.getNodesList());
    boolean feasible = ranked.getNodesList().stream().anyMatch(node -> node.getFeasible());
    if (!advice.isEmpty()) {
      answer.setUnblock(advice.getFirst());
    } else if (trains && kept(answer, item)) {
      answer.setUnblock(
          "wait for " + answer.getHeldForNodeId() + ", or drain it: it is kept for that node");
    } else if (!feasible && item.getRefusalsCount() > 0) {
      answer.setUnblock(refused(item));
    } else if (!feasible && !ranked.getUnblock().isEmpty()) {
      answer.setUnblock(trains ? forTraining(ranked) : ranked.getUnblock());
    } else if (answer.getQueuePosition() > 1) {
      answer.setUnblock(
          "wait until the " + (answer.getQueuePosition() - 1) + " items ahead of it are claimed");
    }
    return answer.build();
  }

  /// No node plays more than its target, however much room it has.
  private RankNodesResponse played(RankNodesResponse ranked) {
    var nodes = ranked.getNodesList().stream().map(this::played).toList();
    var answer = ranked.toBuilder().clearNodes().addAllNodes(nodes);
    boolean reached = nodes.stream().anyMatch(node -> node.getReason().equals(TARGET_REACHED));
    if (reached && nodes.stream().noneMatch(RankedNode::getFeasible)) {
      answer.setUnblock(
          "wait until a game ends, or see what keeps the targets down: `selfplay targets`");
    }
    return answer.build();
  }

  private RankedNode played(RankedNode node) {
    return (node.getFeasible() ? games.full(node.getNodeId()) : Optional.<String>empty())
        .map(
            why ->
                node.toBuilder()
                    .setFeasible(false)
                    .setReason(TARGET_REACHED)
                    .setDetail(why)
                    .build())
        .orElse(node);
  }

  /// Memory that a node lacks for training is mostly asked for by a setting.
  private static String forTraining(RankNodesResponse ranked) {
    if (ranked.getNodesList().stream().anyMatch(node -> PASSING.contains(node.getReason()))) {
      return ranked.getUnblock();
    }
    return ranked.getNodesList().stream()
        .filter(node -> node.getReason().equals("TOO_SMALL"))
        .findFirst()
        .map(
            node ->
                "lower training.min_memory_gb or add a bigger node: "
                    + node.getNodeId()
                    + " is too small ("
                    + node.getDetail()
                    + ")")
        .orElse(ranked.getUnblock());
  }

  /// Only the leader knows whom a training is kept for.
  private boolean kept(ExplainWorkResponse.Builder answer, WorkItem item) {
    var _ = hint.requireLeader();
    var held = turns.held(item);
    held.ifPresent(
        hold ->
            answer
                .setHeldForNodeId(hold.node())
                .setHoldRemaining(
                    Duration.newBuilder()
                        .setSeconds(hold.remaining().toSeconds())
                        .setNanos(hold.remaining().toNanosPart())));
    return held.isPresent();
  }

  private static String refused(WorkItem item) {
    var last = item.getRefusalsList().getLast();
    return "put right what kept "
        + last.getWorkerId()
        + " from beginning it ("
        + last.getCause()
        + "); it is offered there again later, and ends after five refusals by one worker";
  }

  private void place(ExplainWorkResponse.Builder answer, WorkItem item) {
    ReadWorkResponse order = state.read(ReadWorkRequest.newBuilder().setClaimOrder(true));
    for (int i = 0; i < order.getItemsCount(); i++) {
      if (order.getItems(i).getWorkId().equals(item.getWorkId())) {
        answer.setQueuePosition(i + 1).setEffectivePriority(order.getEffectivePriorities(i));
        return;
      }
    }
  }

  private List<String> dependencies(ExplainWorkResponse.Builder answer, WorkItem item) {
    var advice = new ArrayList<String>();
    for (String id : new LinkedHashSet<>(item.getSpec().getDependsOnList())) {
      var found =
          state.read(ReadWorkRequest.newBuilder().setIdPrefix(id).setLimit(1)).getItemsList();
      boolean known = !found.isEmpty() && found.getFirst().getWorkId().equals(id);
      var now = known ? found.getFirst().getState() : WorkState.WORK_STATE_UNSPECIFIED;
      if (now != WorkState.WORK_STATE_COMPLETED) {
        answer.addWaitsFor(id);
        advice.add(adviceOn(id, now));
      }
    }
    return advice;
  }

  private static String adviceOn(String id, WorkState now) {
    return switch (now) {
      case WORK_STATE_FAILED, WORK_STATE_TIMEOUT ->
          "put its dependency back: `queue requeue " + id + "`";
      case WORK_STATE_CANCELLED, WORK_STATE_UNSPECIFIED, UNRECOGNIZED ->
          "its dependency " + id + " will never complete: cancel this item and submit it anew";
      case WORK_STATE_PENDING, WORK_STATE_CLAIMED, WORK_STATE_RUNNING, WORK_STATE_COMPLETED ->
          "wait until its dependency " + id + " is completed";
    };
  }
}
