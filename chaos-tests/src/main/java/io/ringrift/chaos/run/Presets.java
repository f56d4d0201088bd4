package io.ringrift.chaos.run;

import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.Timing;

/// Timing by the name that scenarios and configurations give it.
final class Presets {
  private Presets() {}

  /// @throws Refusal INVALID_ARGUMENT when there is no such preset
  static Timing of(String name) {
    return switch (name) {
      case "local" -> Timing.local();
      case "lan" -> Timing.lan();
      case "wan" -> Timing.wan();
      default -> throw Refusal.invalid("timing", name, "local, lan or wan");
    };
  }
}
