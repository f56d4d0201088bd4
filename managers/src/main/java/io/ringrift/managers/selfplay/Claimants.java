package io.ringrift.managers.selfplay;

import io.ringrift.kernel.Pure;
import io.ringrift.placement.v1.NodeView;
import io.ringrift.queue.v1.WorkSpec;
import java.util.List;

/// Who may claim what, by what the nodes told of themselves.
@Pure
record Claimants(List<NodeView> nodes) {
  private static final String SELFPLAY = "selfplay";

  Claimants {
    nodes = List.copyOf(nodes);
  }

  /// Whether a node with a GPU plays a template.
  boolean gpuPlays(String workload) {
    return nodes.stream().anyMatch(node -> plays(node, workload, 1));
  }

  /// Whether any node plays what self-play is made of now.
  boolean anyPlays(SelfplayConfig.Items items) {
    return nodes.stream()
        .anyMatch(
            node ->
                plays(node, items.workload(), 0)
                    || (!items.searchWorkload().isEmpty()
                        && plays(node, items.searchWorkload(), 0)));
  }

  /// Whether a node that takes self-play has so much memory; any may play what needs none.
  boolean anyHas(long memoryBytes) {
    return memoryBytes <= 0
        || nodes.stream()
            .filter(node -> takes(node, SELFPLAY))
            .anyMatch(node -> node.getFacts().getMemoryBytes() >= memoryBytes);
  }

  /// Nodes with so much memory that play a route.
  long playing(GameItems.Route route, long minMemoryBytes) {
    return nodes.stream()
        .filter(node -> node.getFacts().getMemoryBytes() >= minMemoryBytes)
        .filter(node -> plays(node, route.workload(), route.gpus()))
        .count();
  }

  /// Whether a node that is there may claim an item; one without a workload is not for nodes alone.
  boolean mayClaim(WorkSpec spec) {
    var job = spec.getJob();
    String target =
        spec.getTargetNodeId().isEmpty() ? job.getTargetNodeId() : spec.getTargetNodeId();
    return job.getWorkload().isEmpty()
        || nodes.stream()
            .filter(node -> target.isEmpty() || target.equals(node.getNodeId()))
            .filter(node -> node.getFacts().getMemoryBytes() >= job.getMemoryBytes())
            .anyMatch(node -> takes(node, spec.getWorkType(), job.getWorkload(), job.getGpus()));
  }

  private static boolean plays(NodeView node, String workload, int gpus) {
    return takes(node, SELFPLAY, workload, gpus) && (gpus == 0 || NodeViews.node(node).gpuNode());
  }

  private static boolean takes(NodeView node, String workType, String workload, int gpus) {
    var facts = node.getFacts();
    return takes(node, workType)
        && facts.getWorkloadsList().contains(workload)
        && facts.getGpusCount() >= gpus;
  }

  private static boolean takes(NodeView node, String workType) {
    var facts = node.getFacts();
    return node.getState().equals("ALIVE")
        && !node.getDraining()
        && facts.getMaxJobs() > 0
        && facts.getCapabilitiesList().contains(workType);
  }
}
