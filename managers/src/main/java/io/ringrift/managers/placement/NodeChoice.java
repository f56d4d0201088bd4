package io.ringrift.managers.placement;

import io.ringrift.kernel.Pure;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/// The questions of SPEC 5.2 about one view of the nodes. Marks are values: marking gives a new
/// choice.
///
/// @param unhealthy marked nodes with their reasons
@Pure
record NodeChoice(List<NodeSnapshot> nodes, PlacementLimits limits, Map<String, String> unhealthy) {
  NodeChoice {
    nodes = List.copyOf(nodes);
    unhealthy = Map.copyOf(unhealthy);
  }

  /// SPEC 1.3, is_healthy.
  boolean healthy(NodeSnapshot node) {
    return node.alive()
        && !node.retired()
        && !unhealthy.containsKey(node.nodeId())
        && node.load().diskPercent() < limits.disk()
        && node.load().memoryPercent() < limits.memory()
        && node.loadScore() < limits.loadScore();
  }

  List<NodeSnapshot> aliveNodes() {
    return nodes.stream().filter(NodeSnapshot::alive).toList();
  }

  List<NodeSnapshot> healthyNodes() {
    return nodes.stream().filter(this::healthy).toList();
  }

  List<NodeSnapshot> aliveGpuNodes() {
    return nodes.stream().filter(node -> node.alive() && node.gpuNode()).toList();
  }

  /// Alive nodes with a GPU, strongest first.
  List<NodeSnapshot> trainingPrimaries(int count) {
    return aliveGpuNodes().stream()
        .filter(node -> PowerTable.gpu(node) > 0)
        .sorted(byGpu())
        .limit(count)
        .toList();
  }

  /// All nodes with a GPU, dead ones too, strongest first.
  List<NodeSnapshot> trainingRanked() {
    return nodes.stream().filter(NodeSnapshot::gpuNode).sorted(byGpu()).toList();
  }

  /// Best GPU node for training. With exclusions, those are left out unless nobody else is left;
  /// without, nodes that train already are.
  Optional<NodeSnapshot> bestForTraining(Set<String> excluded) {
    List<NodeSnapshot> fit =
        nodes.stream().filter(node -> healthy(node) && node.gpuNode()).toList();
    List<NodeSnapshot> chosen;
    if (excluded.isEmpty()) {
      chosen = fit.stream().filter(node -> node.load().trainingJobs() == 0).toList();
    } else {
      var others = fit.stream().filter(node -> !excluded.contains(node.nodeId())).toList();
      chosen = others.isEmpty() ? fit : others;
    }
    return chosen.stream()
        .min(
            Comparator.comparingInt((NodeSnapshot node) -> -PowerTable.gpu(node))
                .thenComparingDouble(NodeSnapshot::loadScore)
                .thenComparing(NodeSnapshot::nodeId));
  }

  /// Alive and healthy nodes, strongest processor first.
  List<NodeSnapshot> cpuPrimaries(int count) {
    return healthyNodes().stream().sorted(byCpu()).limit(count).toList();
  }

  /// Prefers `vast` nodes and those with at least 64 processors.
  Optional<NodeSnapshot> bestForGauntlet() {
    return healthyNodes().stream()
        .min(
            Comparator.comparing(
                    (NodeSnapshot node) ->
                        !node.nodeId().contains("vast") && node.machine().cpus() < 64)
                .thenComparing(byCpu()));
  }

  /// Strongest processor, then the emptier disk.
  Optional<NodeSnapshot> bestForExport() {
    return healthyNodes().stream()
        .min(
            Comparator.comparingDouble((NodeSnapshot node) -> -PowerTable.cpu(node))
                .thenComparingDouble(node -> node.load().diskPercent())
                .thenComparing(NodeSnapshot::nodeId));
  }

  /// Healthy nodes that can play a mode, best first.
  List<NodeSnapshot> forEngineMode(String mode) {
    boolean gpu = EngineModes.requiresGpu(mode);
    return healthyNodes().stream()
        .filter(node -> !gpu || node.gpuNode())
        .sorted(gpu ? byGpu() : byCpu())
        .toList();
  }

  Optional<NodeSnapshot> bestForSelfplay(String mode) {
    return forEngineMode(mode).stream().findFirst();
  }

  NodeChoice mark(String nodeId, String reason) {
    var marks = new TreeMap<>(unhealthy);
    marks.put(nodeId, reason);
    return new NodeChoice(nodes, limits, marks);
  }

  NodeChoice clear(String nodeId) {
    var marks = new TreeMap<>(unhealthy);
    marks.remove(nodeId);
    return new NodeChoice(nodes, limits, marks);
  }

  /// A marked node and whether it could be cleared.
  record Candidate(String nodeId, String reason, boolean canRecover) {}

  List<Candidate> recoveryCandidates() {
    var candidates = new ArrayList<Candidate>();
    new TreeMap<>(unhealthy)
        .forEach(
            (id, reason) ->
                candidates.add(
                    new Candidate(
                        id,
                        reason,
                        nodes.stream()
                            .anyMatch(n -> n.nodeId().equals(id) && clear(id).healthy(n)))));
    return candidates;
  }

  private static Comparator<NodeSnapshot> byGpu() {
    return Comparator.comparingInt((NodeSnapshot node) -> -PowerTable.gpu(node))
        .thenComparing(NodeSnapshot::nodeId);
  }

  private static Comparator<NodeSnapshot> byCpu() {
    return Comparator.comparingDouble((NodeSnapshot node) -> -PowerTable.cpu(node))
        .thenComparing(NodeSnapshot::nodeId);
  }
}
