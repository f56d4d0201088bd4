package io.ringrift.managers.training;

import io.ringrift.kernel.Pure;
import io.ringrift.managers.JsonFields;
import io.ringrift.queue.v1.WorkItem;
import io.ringrift.queue.v1.WorkState;
import io.ringrift.training.v1.Gate;
import io.ringrift.training.v1.GateChunk;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;

/// What is to be done for an open gate, as a function of the ledger and the queue.
@Pure
final class GateSteps {
  private GateSteps() {}

  /// One thing to do.
  sealed interface Step {
    /// Hand a chunk out: a work item with its openings.
    record Submit(int chunk) implements Step {}

    /// Bring a result in.
    record Add(GateChunk chunk) implements Step {}

    /// Give the gate up.
    record Hold(String cause) implements Step {}
  }

  /// What the ids of a gate's items begin with.
  static String prefix(Gate gate) {
    return gate.getGateId() + "-";
  }

  static String workId(Gate gate, int chunk) {
    return prefix(gate) + chunk;
  }

  /// Gives a gate up that lacks one of its two models: the untrained network plays in nobody's
  /// name.
  ///
  /// @param known whether there is a model of this id
  static Optional<Step> withoutModel(Gate gate, Predicate<String> known) {
    return Stream.of(gate.getCandidateId(), gate.getBaselineId())
        .filter(id -> !id.isEmpty() && !known.test(id))
        .findFirst()
        .map(
            id ->
                new Step.Hold(
                    "model "
                        + id
                        + " is forgotten, so nobody can play it; use `model promote` with one of"
                        + " `model list`, or wait for the next candidate"));
  }

  /// Steps in their order. A chunk whose number was handed out is never handed out again under
  /// another item, so that each opening is played once.
  ///
  /// @param items of this gate
  /// @param atOnce items that may wait or run
  static List<Step> next(Gate gate, List<WorkItem> items, int atOnce) {
    var byId = new HashMap<String, WorkItem>();
    items.forEach(item -> byId.put(item.getWorkId(), item));
    var judged = new HashSet<Integer>();
    gate.getChunksList().forEach(chunk -> judged.add(chunk.getChunk()));
    var steps = new ArrayList<Step>();
    int open = 0;
    for (int chunk = 0; open < atOnce; chunk++) {
      if (judged.contains(chunk)) {
        continue;
      }
      WorkItem item = byId.get(workId(gate, chunk));
      if (item == null) {
        steps.add(new Step.Submit(chunk));
        open++;
      } else if (Items.dead(item)) {
        return List.of(new Step.Hold(Items.ended(item)));
      } else if (item.getState() == WorkState.WORK_STATE_COMPLETED) {
        steps.addFirst(result(gate, chunk, item));
      } else {
        open++;
      }
    }
    return steps;
  }

  private static Step result(Gate gate, int chunk, WorkItem item) {
    String outcomes = JsonFields.of(item.getOutput()).getOrDefault("outcomes", "");
    return PairOutcomes.chunk(outcomes, gate.getPairsPerChunk())
        .<Step>map(pairs -> new Step.Add(pairs.setChunk(chunk).setWorkId(item.getWorkId()).build()))
        .orElseGet(
            () ->
                new Step.Hold(
                    "work item "
                        + item.getWorkId()
                        + " told "
                        + outcomes.length()
                        + " outcomes, "
                        + 2 * gate.getPairsPerChunk()
                        + " were asked for"));
  }
}
