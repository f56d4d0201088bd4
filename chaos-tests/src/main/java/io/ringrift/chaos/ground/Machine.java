package io.ringrift.chaos.ground;

import io.ringrift.chaos.scenario.FaultKind;
import java.util.Optional;

/// What this machine lacks for a fault to be done to processes that run on it.
public final class Machine {
  private Machine() {}

  /// Empty when the fault can be done.
  public static Optional<String> cannot(FaultKind kind) {
    return switch (kind) {
      case FULL_DISK -> Mounts.obstacle();
      case SLOW_DISK -> SlowDisk.obstacle();
      case CLOCK, CLOCK_JUMP -> FakeClock.obstacle();
      default -> Optional.empty();
    };
  }
}
