package io.ringrift.chaos.run;

import io.ringrift.chaos.link.Link;
import io.ringrift.chaos.link.LinkRule;
import io.ringrift.chaos.scenario.FaultSpec;
import java.util.List;
import java.util.Map;

/// A fault that is in force.
///
/// @param targets resolved when it struck
/// @param rules of links; empty for faults of processes and disks
/// @param beganNanos since the run's start
/// @param struckBefore what the ground's count of these links was
/// @param takesLeader it hits who led
record Strike(
    FaultSpec fault,
    List<String> targets,
    Map<Link, LinkRule> rules,
    long beganNanos,
    long struckBefore,
    boolean takesLeader) {
  Strike {
    targets = List.copyOf(targets);
    rules = Map.copyOf(rules);
  }
}
