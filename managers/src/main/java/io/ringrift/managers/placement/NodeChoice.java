package io.ringrift.managers.placement;

import io.ringrift.kernel.Pure;
import io.ringrift.managers.EngineModes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;

/// The questions of SPEC 5.2 about one view of the nodes: which are healthy, and which are chosen
/// for a task and why the others are not.
@Pure
record NodeChoice(List<NodeSnapshot> nodes, PlacementLimits limits) {
  NodeChoice {
    nodes = List.copyOf(nodes);
  }

  /// What is asked.
  ///
  /// @param mode engine mode, for self-play
  /// @param excluded left out; by training only unless nobody else is left
  /// @param avoidsTraining a training goes to no node that trains
  record Question(Task task, String mode, Set<String> excluded, boolean avoidsTraining) {
    Question {
      excluded = Set.copyOf(excluded);
    }

    /// Whoever excludes nodes avoids no others (SPEC 5.2).
    Question(Task task, String mode, Set<String> excluded) {
      this(task, mode, excluded, excluded.isEmpty());
    }

    static Question of(Task task) {
      return new Question(task, "", Set.of());
    }

    Question withoutExclusions() {
      return new Question(task, mode, Set.of(), avoidsTraining);
    }

    boolean byGpu() {
      return switch (task) {
        case TRAINING, TRAINING_PRIMARIES, GPUS -> true;
        case CPUS, GAUNTLET, EXPORT -> false;
        case SELFPLAY -> EngineModes.requiresGpu(mode);
      };
    }
  }

  /// SPEC 1.3, is_healthy.
  boolean healthy(NodeSnapshot node) {
    return node.alive() && !node.retired() && strain(node).isEmpty();
  }

  List<NodeSnapshot> healthyNodes() {
    return nodes.stream().filter(this::healthy).toList();
  }

  /// Every node judged for a task: those it may go to first, best first, then the others by id.
  List<Judgement> choose(Question question) {
    var fit = new ArrayList<NodeSnapshot>();
    var others = new ArrayList<Judgement>();
    var asked = anybodyLeft(question) ? question : question.withoutExclusions();
    for (NodeSnapshot node : nodes) {
      var judged = judge(node, asked);
      if (judged.feasible()) {
        fit.add(node);
      } else {
        others.add(judged);
      }
    }
    fit.sort(order(question));
    others.sort(Comparator.comparing(Judgement::nodeId));
    var all = new ArrayList<>(fit.stream().map(node -> judge(node, asked)).toList());
    all.addAll(others);
    return List.copyOf(all);
  }

  /// Training takes an excluded node rather than none, even one that trains.
  private boolean anybodyLeft(Question question) {
    return question.task() != Task.TRAINING
        || question.excluded().isEmpty()
        || nodes.stream().anyMatch(node -> judge(node, question).feasible());
  }

  private Judgement judge(NodeSnapshot node, Question question) {
    String reason = reason(node, question);
    double power = question.byGpu() ? PowerTable.gpu(node) : PowerTable.cpu(node);
    return new Judgement(
        node.nodeId(),
        reason,
        detail(node, question, reason),
        List.of(new Judgement.Term(question.byGpu() ? "gpu_power" : "cpu_power", power)));
  }

  /// Empty when the task may go there.
  private String reason(NodeSnapshot node, Question question) {
    if (question.excluded().contains(node.nodeId())) {
      return "EXCLUDED";
    }
    if (question.byGpu() && !node.gpuNode()) {
      return "NO_GPU_NODE";
    }
    return switch (question.task()) {
      case GPUS -> "";
      case TRAINING_PRIMARIES -> node.alive() ? "" : "NOT_ALIVE";
      case TRAINING -> {
        String unfit = unfit(node);
        boolean trains = question.avoidsTraining() && node.load().trainingJobs() > 0;
        yield unfit.isEmpty() && trains ? "TRAINS_ALREADY" : unfit;
      }
      case CPUS, GAUNTLET, EXPORT, SELFPLAY -> unfit(node);
    };
  }

  private String unfit(NodeSnapshot node) {
    if (!node.alive() || node.retired()) {
      return "NOT_ALIVE";
    }
    if (!node.known()) {
      return "NO_FACTS";
    }
    return node.draining() ? "DRAINING" : strain(node);
  }

  private String strain(NodeSnapshot node) {
    if (node.load().diskPercent() >= limits.disk()) {
      return "UNHEALTHY_DISK";
    }
    if (node.load().memoryPercent() >= limits.memory()) {
      return "UNHEALTHY_MEMORY";
    }
    return node.loadScore() >= limits.loadScore() ? "OVERLOADED" : "";
  }

  private String detail(NodeSnapshot node, Question question, String reason) {
    return switch (reason) {
      case "" -> "";
      case "EXCLUDED" -> "the question excludes it";
      case "NO_GPU_NODE" -> "it has no CUDA GPU";
      case "NOT_ALIVE" -> node.retired() ? "retired" : "not ALIVE now";
      case "NO_FACTS" -> "nothing heard of its resources yet";
      case "DRAINING" -> "takes no new jobs until the drain is lifted";
      case "TRAINS_ALREADY" -> node.load().trainingJobs() + " trainings run there";
      case "UNHEALTHY_DISK" -> over("disk", node.load().diskPercent(), limits.disk());
      case "UNHEALTHY_MEMORY" -> over("memory", node.load().memoryPercent(), limits.memory());
      case "OVERLOADED" -> over("load score", node.loadScore(), limits.loadScore());
      default -> throw new IllegalStateException(reason + " of " + question);
    };
  }

  private static String over(String what, double value, double limit) {
    return "%s %.1f, limit %.1f".formatted(what, value, limit);
  }

  private static Comparator<NodeSnapshot> order(Question question) {
    Comparator<NodeSnapshot> byPower =
        Comparator.comparingDouble(
            node -> question.byGpu() ? -PowerTable.gpu(node) : -PowerTable.cpu(node));
    Comparator<NodeSnapshot> order =
        switch (question.task()) {
          case TRAINING -> byPower.thenComparingDouble(NodeSnapshot::loadScore);
          case EXPORT -> byPower.thenComparingDouble(node -> node.load().diskPercent());
          case GAUNTLET -> Comparator.comparing(NodeChoice::plain).thenComparing(byPower);
          case TRAINING_PRIMARIES, GPUS, CPUS, SELFPLAY -> byPower;
        };
    return order.thenComparing(NodeSnapshot::nodeId);
  }

  /// A gauntlet prefers `vast` nodes and those with at least 64 processors.
  private static boolean plain(NodeSnapshot node) {
    return !node.nodeId().contains("vast") && node.machine().cpus() < 64;
  }
}
