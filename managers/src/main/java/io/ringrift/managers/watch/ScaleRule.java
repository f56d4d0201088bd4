package io.ringrift.managers.watch;

import io.ringrift.kernel.Pure;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;

/// How many nodes there should be more or less (SPEC 6, AutoScaling).
@Pure
final class ScaleRule {
  private ScaleRule() {}

  sealed interface Decision {
    record Stay(String why) implements Decision {}

    record Up(int nodes) implements Decision {}

    record Down(List<String> nodes) implements Decision {}
  }

  /// Those of idle nodes that may go together: what one can do, others of the active ones can, too.
  static List<String> spare(List<String> idle, List<NodeLoad> active) {
    var staying = new ArrayList<>(active);
    return idle.stream()
        .filter(
            id ->
                staying.removeIf(
                    node -> node.nodeId().equals(id) && onlyAt(node, staying).isEmpty()))
        .toList();
  }

  /// Something that this node can do and no other of them; if anything.
  static Optional<String> onlyAt(NodeLoad node, List<NodeLoad> staying) {
    var only = skills(node);
    staying.stream()
        .filter(other -> !other.nodeId().equals(node.nodeId()))
        .forEach(other -> only.removeAll(skills(other)));
    return only.stream().findFirst();
  }

  /// Work types, and work for a GPU.
  private static SortedSet<String> skills(NodeLoad node) {
    var skills = new TreeSet<String>();
    if (node.maxJobs() > 0) {
      skills.addAll(node.capabilities());
      if (node.gpu()) {
        skills.add("work for a GPU");
      }
    }
    return skills;
  }

  /// @param pending items that wait
  /// @param active nodes that are there and take work
  /// @param idle nodes that may go, the longest idle first
  static Decision decide(int pending, int active, List<String> idle, ScaleConfig config) {
    double ratio = active == 0 ? 0 : (double) pending / active;
    if (active == 0) {
      return pending > 0 ? new Decision.Up(1) : new Decision.Stay("nothing waits");
    }
    if (ratio > config.upAbove()) {
      int wanted = (int) (pending / config.upAbove() - active + 1);
      int more = Math.min(Math.min(wanted, config.mostPerRound()), config.most() - active);
      return more > 0
          ? new Decision.Up(more)
          : new Decision.Stay("there are " + active + " of at most " + config.most() + " nodes");
    }
    if (ratio >= config.downBelow()) {
      return new Decision.Stay("the nodes have enough to do");
    }
    int fewer = Math.min(Math.min(idle.size(), config.mostPerRound()), active - config.least());
    return fewer > 0
        ? new Decision.Down(List.copyOf(idle.subList(0, fewer)))
        : new Decision.Stay("no idle node may go");
  }
}
