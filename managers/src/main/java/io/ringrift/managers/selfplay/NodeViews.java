package io.ringrift.managers.selfplay;

import io.ringrift.managers.Services;
import io.ringrift.managers.selfplay.Targets.Backpressure;
import io.ringrift.managers.selfplay.Targets.Node;
import io.ringrift.managers.selfplay.Targets.Target;
import io.ringrift.placement.v1.Gpu;
import io.ringrift.placement.v1.ListNodesRequest;
import io.ringrift.placement.v1.NodeView;
import io.ringrift.placement.v1.PlacementServiceGrpc;
import io.ringrift.queue.v1.GetQueueStatsRequest;
import io.ringrift.queue.v1.GetQueueStatsResponse;
import io.ringrift.queue.v1.QueueServiceGrpc;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

/// The nodes as targets need them: by RPC at this node. Blocks at most ten seconds; any thread.
final class NodeViews {
  private static final long DEADLINE_SECONDS = 5;

  private final Services services;
  private final Supplier<SelfplayConfig> config;

  NodeViews(Services services, Supplier<SelfplayConfig> config) {
    this.services = services;
    this.config = config;
  }

  /// By node id, as they told of themselves.
  List<NodeView> views() {
    return PlacementServiceGrpc.newBlockingStub(services.local())
        .withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS)
        .listNodes(ListNodesRequest.getDefaultInstance())
        .getNodesList();
  }

  /// By node id.
  List<Node> nodes() {
    return views().stream().map(NodeViews::node).toList();
  }

  /// Targets by node.
  Map<Node, Target> targets() {
    var stats =
        QueueServiceGrpc.newBlockingStub(services.local())
            .withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS)
            .getQueueStats(GetQueueStatsRequest.getDefaultInstance());
    var pressure = pressure(stats);
    var limits = config.get().limits();
    var targets = new LinkedHashMap<Node, Target>();
    nodes().forEach(node -> targets.put(node, Targets.of(node, limits, pressure)));
    return targets;
  }

  /// Of the work that waits, self-play does not count: it is what nodes are to take away.
  private Backpressure pressure(GetQueueStatsResponse stats) {
    int least = Math.min(stats.getSoftLimit(), stats.getHardLimit());
    if (least <= 0 || stats.getPending() < least) {
      return Backpressure.NONE;
    }
    int others = new QueueSight(services).waitingBesideSelfplay();
    return Backpressure.of(others, stats.getSoftLimit(), stats.getHardLimit());
  }

  static Node node(NodeView view) {
    var facts = view.getFacts();
    boolean plays = facts.getCapabilitiesList().contains("selfplay");
    return new Node(
        view.getNodeId(),
        !view.getState().equals("ALIVE") || view.getDraining() || !view.hasFacts() || !plays,
        facts.getCpuCount(),
        facts.getMemoryBytes(),
        facts.getGpusCount(),
        facts.getGpusCount() == 0 ? "" : facts.getGpus(0).getName(),
        facts.getCpuPercent(),
        facts.getMemoryPercent(),
        facts.getDiskPercent(),
        mean(facts.getGpusList(), Gpu::getUtilizationPercent),
        mean(facts.getGpusList(), Gpu::getMemoryPercent),
        facts.getSelfplayJobs());
  }

  private static double mean(List<Gpu> gpus, ToDoubleFunction<Gpu> figure) {
    return gpus.stream().mapToDouble(figure).average().orElse(0);
  }
}
