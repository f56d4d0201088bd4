package io.ringrift.managers.watch;

import io.ringrift.kernel.Pure;
import java.time.Duration;

/// When a GPU node counts as idle or as a zombie (SPEC 6, IdleDetection).
///
/// @param idleBelow GPU percent below which a node without jobs is idle
/// @param idleAfter how long it has to be so
/// @param zombieBelow GPU percent below which a node with jobs does nothing
/// @param zombieAfter how long it has to be so
/// @param cooldown least gap between two findings about one node
/// @param minNodesToKeep GPU nodes, idle or not, that scaling never takes away
@Pure
record IdleConfig(
    Duration interval,
    double idleBelow,
    Duration idleAfter,
    double zombieBelow,
    Duration zombieAfter,
    Duration cooldown,
    int minNodesToKeep) {
  static final IdleConfig DEFAULT =
      new IdleConfig(
          Duration.ofSeconds(30),
          10,
          Duration.ofMinutes(1),
          5,
          Duration.ofMinutes(10),
          Duration.ofMinutes(2),
          2);

  IdleConfig {
    Checks.positive("idle.interval", interval);
    Checks.percent("idle.idle_below", idleBelow);
    Checks.positive("idle.idle_after", idleAfter);
    Checks.percent("idle.zombie_below", zombieBelow);
    Checks.positive("idle.zombie_after", zombieAfter);
    Checks.notNegative("idle.cooldown", cooldown);
    Checks.atLeast("idle.min_nodes_to_keep", minNodesToKeep, 0);
  }
}
