package io.ringrift.managers.queue;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.ringrift.managers.Services;
import io.ringrift.placement.v1.Need;
import io.ringrift.placement.v1.PlacementServiceGrpc;
import io.ringrift.placement.v1.RankNodesRequest;
import io.ringrift.placement.v1.RankNodesResponse;
import io.ringrift.queue.v1.ExplainWorkResponse;
import io.ringrift.queue.v1.WorkItem;
import io.ringrift.queue.v1.WorkRefusal;
import io.ringrift.queue.v1.WorkSpec;
import io.ringrift.queue.v1.WorkState;
import io.ringrift.state.v1.ReadWorkRequest;
import io.ringrift.state.v1.ReadWorkResponse;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// Why an item waits: who is ahead, what it depends on, which nodes could run it. Order and
/// priority come from the state, judgement of nodes from placement: the code that decides.
final class WorkExplanation {
  private static final long RANK_MILLIS = 5000;

  private final StateClient state;
  private final Services services;

  WorkExplanation(StateClient state, Services services) {
    this.state = state;
    this.services = services;
  }

  ExplainWorkResponse explain(String workId) {
    WorkItem item = state.resolve(workId);
    var answer = ExplainWorkResponse.newBuilder().setItem(item);
    if (item.getState() != WorkState.WORK_STATE_PENDING) {
      return answer.build();
    }
    place(answer, item);
    List<String> advice = dependencies(answer, item);
    RankNodesResponse ranked = rank(item);
    answer.addAllNodes(ranked.getNodesList());
    boolean feasible = ranked.getNodesList().stream().anyMatch(node -> node.getFeasible());
    if (!advice.isEmpty()) {
      answer.setUnblock(advice.getFirst());
    } else if (!feasible && item.getRefusalsCount() > 0) {
      answer.setUnblock(refused(item));
    } else if (!feasible && !ranked.getUnblock().isEmpty()) {
      answer.setUnblock(ranked.getUnblock());
    } else if (answer.getQueuePosition() > 1) {
      answer.setUnblock(
          "wait until the " + (answer.getQueuePosition() - 1) + " items ahead of it are claimed");
    }
    return answer.build();
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

  /// Nothing is said about nodes while no placement is served.
  private RankNodesResponse rank(WorkItem item) {
    WorkSpec spec = item.getSpec();
    var job = spec.getJob();
    var need =
        Need.newBuilder()
            .setJobType(spec.getWorkType())
            .setWorkload(job.getWorkload())
            .setEngineMode(job.getEngineMode())
            .setGpus(job.getGpus())
            .setCpus(job.getCpus())
            .setMemoryBytes(job.getMemoryBytes())
            .setTargetNodeId(
                spec.getTargetNodeId().isEmpty() ? job.getTargetNodeId() : spec.getTargetNodeId())
            .addAllExcludedNodeIds(spec.getExcludedNodeIdsList())
            .addAllExcludedNodeIds(job.getExcludedNodeIdsList())
            .addAllExcludedNodeIds(
                item.getRefusalsList().stream().map(WorkRefusal::getWorkerId).toList());
    try {
      return PlacementServiceGrpc.newBlockingStub(services.local())
          .withDeadlineAfter(RANK_MILLIS, TimeUnit.MILLISECONDS)
          .rankNodes(RankNodesRequest.newBuilder().setNeed(need).build());
    } catch (StatusRuntimeException e) {
      if (e.getStatus().getCode() == Status.Code.UNIMPLEMENTED) {
        return RankNodesResponse.getDefaultInstance();
      }
      throw e;
    }
  }
}
