package io.ringrift.managers.watch;

import io.ringrift.kernel.Pure;
import java.time.Duration;

/// From where on the leader takes jobs off a node (SPEC 5.9).
///
/// @param enabled off where nodes share a machine with other things: its load says nothing of them
/// @param diskWarning percent from which self-play is thinned out and a clean-up is asked for
/// @param diskCritical percent from which no self-play stays
/// @param stuckBelow GPU percent below which jobs that hold GPUs do nothing
/// @param stuckAfter how long they have to
/// @param runaway self-play jobs that are too many at any node
/// @param rest least gap between two sweeps or clean-up requests of one node
@Pure
record PressureConfig(
    boolean enabled,
    Duration interval,
    double memoryWarning,
    double memoryCritical,
    double diskWarning,
    double diskCritical,
    double stuckBelow,
    Duration stuckAfter,
    int runaway,
    Duration rest) {
  static final PressureConfig DEFAULT =
      new PressureConfig(
          true,
          Duration.ofMinutes(1),
          75,
          80,
          70,
          90,
          2,
          Duration.ofMinutes(5),
          100,
          Duration.ofMinutes(30));

  PressureConfig {
    Checks.positive("pressure.interval", interval);
    Checks.percent("pressure.memory_warning", memoryWarning);
    Checks.percent("pressure.memory_critical", memoryCritical);
    Checks.require(
        memoryCritical >= memoryWarning,
        "pressure.memory_critical",
        memoryCritical,
        "at least pressure.memory_warning");
    Checks.percent("pressure.disk_warning", diskWarning);
    Checks.percent("pressure.disk_critical", diskCritical);
    Checks.require(
        diskCritical >= diskWarning,
        "pressure.disk_critical",
        diskCritical,
        "at least pressure.disk_warning");
    Checks.percent("pressure.stuck_below", stuckBelow);
    Checks.positive("pressure.stuck_after", stuckAfter);
    Checks.atLeast("pressure.runaway", runaway, 1);
    Checks.positive("pressure.rest", rest);
  }

  PressureConfig enabled(boolean on) {
    return new PressureConfig(
        on,
        interval,
        memoryWarning,
        memoryCritical,
        diskWarning,
        diskCritical,
        stuckBelow,
        stuckAfter,
        runaway,
        rest);
  }
}
