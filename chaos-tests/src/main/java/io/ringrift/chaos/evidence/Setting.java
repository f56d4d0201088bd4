package io.ringrift.chaos.evidence;

import java.time.Duration;
import java.util.List;

/// What was run.
///
/// @param scenario its name
/// @param description what it does, for people
/// @param ground `sim`, `process`, `netns` or `live`
/// @param membership mode; empty when the ground has none
/// @param consensus mode
/// @param replay command that runs it again
/// @param nodes names of all nodes, in the order of their lanes
/// @param voters those that count in quorums
/// @param claimLease lease of every claim in the run
/// @param length how long the run took, end checks included and the clean-up left out
public record Setting(
    String scenario,
    String description,
    String ground,
    String membership,
    String consensus,
    long seed,
    String replay,
    List<String> nodes,
    List<String> voters,
    Duration claimLease,
    Duration length) {
  public Setting {
    nodes = List.copyOf(nodes);
    voters = List.copyOf(voters);
  }
}
