package io.ringrift.managers.selfplay;

import io.ringrift.kernel.Pure;
import io.ringrift.managers.selfplay.Targets.Node;
import io.ringrift.managers.selfplay.Targets.Target;
import java.util.Comparator;
import java.util.Map;
import java.util.stream.Collectors;

/// Whether any node plays at all.
@Pure
final class Idle {
  private static final int TOLD = 3;

  private Idle() {}

  /// Why no node has a target above 0, and what to do; empty when one has, and while no node is
  /// known.
  static String lack(Map<Node, Target> targets) {
    if (targets.isEmpty() || targets.values().stream().anyMatch(target -> target.total() > 0)) {
      return "";
    }
    return targets.entrySet().stream()
        .sorted(Comparator.comparingLong(entry -> -entry.getKey().memoryBytes()))
        .limit(TOLD)
        .map(entry -> entry.getKey().nodeId() + ": " + String.join(", ", entry.getValue().causes()))
        .collect(
            Collectors.joining(
                "; ",
                "no node plays, every self-play target is 0 (",
                "); lower selfplay.min_memory_gb, undrain or add a node that plays, or see"
                    + " selfplay targets"));
  }
}
