package io.ringrift.managers.queue;

import io.ringrift.kernel.Pure;
import io.ringrift.placement.v1.RankedNode;
import io.ringrift.placement.v1.ScoreTerm;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Whether a training that waits is for the worker that asks (SPEC 5.6), by what placement says of
/// the nodes.
@Pure
final class TrainingRule {
  /// Obstacles that jobs of the node itself make: they pass, and a stronger GPU is worth the wait.
  private static final Set<String> BUSY = Set.of("NO_FREE_SLOT", "NO_FREE_GPU", "OVERLOADED");

  /// What the worker's own claim belies: news of it is still on the way.
  private static final Set<String> BELIED = Set.of("MISSING_CAPABILITY", "MISSING_WORKLOAD");

  private TrainingRule() {}

  /// Why the worker never gets it, as things are; empty when it may. A worker that is no node is
  /// for its owner to judge.
  static Optional<RankedNode> unfit(String worker, List<RankedNode> nodes) {
    return named(worker, nodes)
        .filter(node -> Set.of("TOO_SMALL", "NO_FACTS").contains(node.getReason()));
  }

  /// The node that it is kept for; empty when the worker is as good as any.
  static Optional<RankedNode> better(String worker, List<RankedNode> nodes) {
    Optional<RankedNode> own = named(worker, nodes);
    return nodes.stream()
        .filter(node -> !node.getNodeId().equals(worker))
        .filter(node -> mayTake(node, own))
        .filter(node -> own.filter(TrainingRule::sound).isEmpty() || outranks(node, own.get()))
        .max(Comparator.comparingDouble(RankedNode::getScore));
  }

  private static boolean outranks(RankedNode node, RankedNode own) {
    return node.getScore() > own.getScore();
  }

  private static boolean mayTake(RankedNode node, Optional<RankedNode> own) {
    return node.getFeasible()
        || (BUSY.contains(node.getReason())
            && power(node) > own.map(TrainingRule::power).orElse(0.0));
  }

  /// It could go on with the training that it asks for.
  private static boolean sound(RankedNode node) {
    return node.getFeasible()
        || BUSY.contains(node.getReason())
        || BELIED.contains(node.getReason());
  }

  private static double power(RankedNode node) {
    return node.getTermsList().stream()
        .filter(term -> term.getName().equals("gpu_power"))
        .mapToDouble(ScoreTerm::getValue)
        .sum();
  }

  private static Optional<RankedNode> named(String worker, List<RankedNode> nodes) {
    return nodes.stream().filter(node -> node.getNodeId().equals(worker)).findFirst();
  }
}
