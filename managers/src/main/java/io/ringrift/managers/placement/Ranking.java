package io.ringrift.managers.placement;

import io.ringrift.kernel.Pure;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/// Judges every node for a demand. The same code decides and explains.
@Pure
final class Ranking {
  /// Reasons in the order in which they are the cheapest to remove.
  private static final List<String> CHEAPEST_FIRST =
      List.of(
          "NO_FREE_SLOT",
          "NO_FREE_GPU",
          "OVERLOADED",
          "DRAINING",
          "NO_FACTS",
          "UNHEALTHY_MEMORY",
          "UNHEALTHY_DISK",
          "EXCLUDED",
          "NOT_TARGET",
          "MISSING_CAPABILITY",
          "MISSING_WORKLOAD",
          "NOT_ALIVE",
          "TOO_SMALL",
          "NO_GPU_NODE");

  private static final double MORE_THAN_ANY_POWER = 1_000_000;

  private final PlacementLimits limits;

  Ranking(PlacementLimits limits) {
    this.limits = limits;
  }

  /// @param nodes feasible ones first, best first; ties by node id
  /// @param unblock the cheapest change that makes a node feasible; empty when one is
  record Ranked(List<Judgement> nodes, String unblock) {}

  /// @param inFlight jobs sent to a node that its facts do not show yet (SPEC 11, failure 13)
  Ranked rank(List<NodeSnapshot> nodes, Demand demand, Map<String, Integer> inFlight) {
    var judged =
        new ArrayList<>(
            nodes.stream()
                .map(node -> judge(node, demand, inFlight.getOrDefault(node.nodeId(), 0)))
                .toList());
    judged.sort(
        Comparator.comparing(Judgement::feasible)
            .thenComparingDouble(Judgement::score)
            .reversed()
            .thenComparing(Judgement::nodeId));
    return new Ranked(List.copyOf(judged), unblock(judged, demand));
  }

  private Judgement judge(NodeSnapshot node, Demand demand, int inFlight) {
    Obstacle obstacle = obstacle(node, demand, inFlight);
    return new Judgement(
        node.nodeId(), obstacle.reason(), obstacle.detail(), terms(node, demand, inFlight));
  }

  private record Obstacle(String reason, String detail) {
    static final Obstacle NONE = new Obstacle("", "");
  }

  /// The first thing in the way; lasting ones before passing ones.
  private Obstacle obstacle(NodeSnapshot node, Demand demand, int inFlight) {
    if (!demand.target().isEmpty() && !demand.target().equals(node.nodeId())) {
      return new Obstacle("NOT_TARGET", "the job is for node " + demand.target() + " only");
    }
    if (demand.excluded().contains(node.nodeId())) {
      return new Obstacle("EXCLUDED", "the job excludes it, or it refused the job before");
    }
    if (!node.alive() || node.retired()) {
      return new Obstacle("NOT_ALIVE", node.retired() ? "retired" : "not ALIVE now");
    }
    if (!node.known()) {
      return new Obstacle("NO_FACTS", "nothing heard of its resources yet");
    }
    if (node.draining()) {
      return new Obstacle("DRAINING", "takes no new jobs until the drain is lifted");
    }
    Obstacle ability = ability(node, demand);
    return ability.equals(Obstacle.NONE) ? room(node, demand, inFlight) : ability;
  }

  private static Obstacle ability(NodeSnapshot node, Demand demand) {
    if (!demand.jobType().isEmpty() && !node.capabilities().contains(demand.jobType())) {
      return new Obstacle(
          "MISSING_CAPABILITY",
          demand.jobType() + " is not among its capabilities " + node.capabilities());
    }
    if (!demand.workload().isEmpty() && !node.workloads().contains(demand.workload())) {
      return new Obstacle("MISSING_WORKLOAD", "it does not declare " + demand.workload());
    }
    if (demand.needsGpu() && !node.gpuNode()) {
      return new Obstacle(
          "NO_GPU_NODE",
          demand.gpus() > 0
              ? "it has no CUDA GPU and the job asks for " + demand.gpus()
              : "it has no CUDA GPU and mode " + demand.engineMode() + " needs one");
    }
    if (demand.memoryBytes() > 0 && node.machine().memoryBytes() == 0) {
      return new Obstacle("NO_FACTS", "its memory is not known");
    }
    if (demand.gpus() > node.machine().gpus()
        || demand.cpus() > node.machine().cpus()
        || demand.memoryBytes() > node.machine().memoryBytes()) {
      return new Obstacle(
          "TOO_SMALL",
          "it has %d processors, %d GPUs and %d MiB"
              .formatted(
                  node.machine().cpus(),
                  node.machine().gpus(),
                  node.machine().memoryBytes() >> 20));
    }
    return Obstacle.NONE;
  }

  private Obstacle room(NodeSnapshot node, Demand demand, int inFlight) {
    var load = node.load();
    if (load.diskPercent() >= limits.disk()) {
      return over("UNHEALTHY_DISK", "disk", load.diskPercent(), limits.disk());
    }
    if (load.memoryPercent() >= limits.memory()) {
      return over("UNHEALTHY_MEMORY", "memory", load.memoryPercent(), limits.memory());
    }
    if (load.runningJobs() + inFlight >= load.maxJobs()) {
      return new Obstacle(
          "NO_FREE_SLOT",
          load.runningJobs()
              + " jobs run and "
              + inFlight
              + " are on their way, of "
              + load.maxJobs()
              + " slots");
    }
    if (demand.gpus() > 0 && inFlight + demand.gpus() > node.machine().gpus()) {
      return new Obstacle("NO_FREE_GPU", "its GPUs are promised to jobs on their way");
    }
    return strain(node);
  }

  private Obstacle strain(NodeSnapshot node) {
    var load = node.load();
    int cpus = Math.max(1, node.machine().cpus());
    if (node.loadScore() >= limits.loadScore()) {
      return over("OVERLOADED", "load score", node.loadScore(), limits.loadScore());
    }
    if (load.load1() > limits.load1PerCpu() * cpus) {
      return over("OVERLOADED", "load average", load.load1(), limits.load1PerCpu() * cpus);
    }
    if (load.load5() > limits.load5PerCpu() * cpus) {
      return over("OVERLOADED", "5-minute load", load.load5(), limits.load5PerCpu() * cpus);
    }
    return Obstacle.NONE;
  }

  private static Obstacle over(String reason, String what, double value, double limit) {
    return new Obstacle(reason, "%s %.1f, limit %.1f".formatted(what, value, limit));
  }

  /// GPU work wants the strongest GPU, the rest the strongest processor; each job that is there or
  /// on its way makes a node less wanted than an idle one of its kind.
  private static List<Judgement.Term> terms(NodeSnapshot node, Demand demand, int inFlight) {
    if (demand.trains()) {
      return trainingTerms(node);
    }
    double power = demand.needsGpu() ? PowerTable.gpu(node) : PowerTable.cpu(node);
    int busy = node.load().runningJobs() + inFlight;
    double slots = Math.max(1, node.load().maxJobs());
    return List.of(
        new Judgement.Term(demand.needsGpu() ? "gpu_power" : "cpu_power", power),
        new Judgement.Term("load", -node.loadScore() * Math.max(1, power) / 200),
        new Judgement.Term("taken_slots", -busy * Math.max(1, power) / slots),
        new Judgement.Term(
            "spare_gpu", demand.needsGpu() ? 0 : -Math.min(power, PowerTable.gpu(node)) / 4));
  }

  /// Nodes with a GPU before the others, those without a training before those with one, then by
  /// GPU, then by load in steps of ten (SPEC 5.6): each term outweighs all behind it.
  private static List<Judgement.Term> trainingTerms(NodeSnapshot node) {
    return List.of(
        new Judgement.Term("gpu_node", node.gpuNode() ? 2 * MORE_THAN_ANY_POWER : 0),
        new Judgement.Term("trains", node.load().trainingJobs() > 0 ? -MORE_THAN_ANY_POWER : 0),
        new Judgement.Term("gpu_power", node.gpuNode() ? PowerTable.gpu(node) : 0),
        new Judgement.Term("load", -Math.floor(node.loadScore() / 10) / 10));
  }

  private static String unblock(List<Judgement> judged, Demand demand) {
    if (judged.isEmpty()) {
      return "start a node: none is known";
    }
    if (judged.getFirst().feasible()) {
      return "";
    }
    Judgement nearest =
        judged.stream()
            .min(Comparator.comparingInt(j -> CHEAPEST_FIRST.indexOf(j.reason())))
            .orElseThrow();
    String node = nearest.nodeId();
    return switch (nearest.reason()) {
      case "NO_FREE_SLOT" -> "wait for a job on " + node + " to end, or raise its max_jobs";
      case "NO_FREE_GPU" -> "wait for a GPU of " + node;
      case "OVERLOADED" -> "wait until " + node + " is less busy (" + nearest.detail() + ")";
      case "DRAINING" -> "lift the drain: ringrift node undrain " + node;
      case "NO_FACTS" -> "wait for the first facts of " + node + " (one gossip interval)";
      case "UNHEALTHY_MEMORY" -> "free memory on " + node + " (" + nearest.detail() + ")";
      case "UNHEALTHY_DISK" -> "free disk on " + node + " (" + nearest.detail() + ")";
      case "EXCLUDED" -> "spawn it again without excluding " + node;
      case "NOT_TARGET" -> "bring up node " + demand.target() + ", or spawn it without a target";
      case "MISSING_CAPABILITY" -> "add " + demand.jobType() + " to the capabilities of " + node;
      case "MISSING_WORKLOAD" -> "declare workload " + demand.workload() + " on " + node;
      case "NOT_ALIVE" -> "bring node " + node + " back";
      case "TOO_SMALL" -> "ask for less: " + node + " is too small (" + nearest.detail() + ")";
      default -> "add a GPU node, or choose an engine mode that needs none, such as heuristic";
    };
  }
}
