package io.ringrift.managers.queue;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.ringrift.kernel.wire.Errors;
import io.ringrift.managers.Services;
import io.ringrift.placement.v1.Need;
import io.ringrift.placement.v1.PlacementServiceGrpc;
import io.ringrift.placement.v1.RankNodesRequest;
import io.ringrift.placement.v1.RankNodesResponse;
import io.ringrift.queue.v1.WorkItem;
import io.ringrift.queue.v1.WorkRefusal;
import io.ringrift.queue.v1.WorkSpec;
import java.util.Collection;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/// What placement says of the nodes for a work item: the same for explanations and for the choice
/// of who trains.
final class WorkRanking {
  /// Work type and capability of trainings.
  static final String TRAINING = "training";

  private static final long RANK_MILLIS = 5000;

  private final Services services;
  private final Supplier<TrainingTerms> terms;

  WorkRanking(Services services, Supplier<TrainingTerms> terms) {
    this.services = services;
    this.terms = terms;
  }

  /// Every node, judged; empty while no placement is served. Blocks at most five seconds.
  ///
  /// @param training nodes that hold a training
  Optional<RankNodesResponse> of(WorkItem item, Collection<String> training) {
    var request =
        RankNodesRequest.newBuilder().setNeed(need(item)).addAllTrainingNodeIds(training).build();
    try {
      return Optional.of(
          PlacementServiceGrpc.newBlockingStub(services.local())
              .withDeadlineAfter(RANK_MILLIS, TimeUnit.MILLISECONDS)
              .rankNodes(request));
    } catch (StatusRuntimeException e) {
      if (e.getStatus().getCode() == Status.Code.UNIMPLEMENTED) {
        return Optional.empty();
      }
      throw Errors.fromStatus(e);
    }
  }

  /// A claim goes by GPUs, whatever the engine mode, and so does this.
  private Need need(WorkItem item) {
    WorkSpec spec = item.getSpec();
    var job = spec.getJob();
    long least = spec.getWorkType().equals(TRAINING) ? terms.get().minMemoryBytes() : 0;
    return Need.newBuilder()
        .setJobType(spec.getWorkType())
        .setWorkload(job.getWorkload())
        .setGpus(job.getGpus())
        .setCpus(job.getCpus())
        .setMemoryBytes(Math.max(job.getMemoryBytes(), least))
        .setTargetNodeId(
            spec.getTargetNodeId().isEmpty() ? job.getTargetNodeId() : spec.getTargetNodeId())
        .addAllExcludedNodeIds(spec.getExcludedNodeIdsList())
        .addAllExcludedNodeIds(job.getExcludedNodeIdsList())
        .addAllExcludedNodeIds(
            item.getRefusalsList().stream().map(WorkRefusal::getWorkerId).toList())
        .build();
  }
}
