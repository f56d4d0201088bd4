package io.ringrift.chaos.check;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringrift.chaos.scenario.FaultKind;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// What checkers make of each kind of fault: a new one has to be placed here.
final class KindsTest {
  /// Whether it keeps every sign of life of a node from the others until its end.
  private static boolean silences(FaultKind kind) {
    return switch (kind) {
      case KILL, PAUSE, WIPE, CORRUPT, ISOLATE -> true;
      case CUT, SPLIT, BRIDGE, RING -> true;
      // It becomes isolations.
      case FLAP -> false;
      case DELAY, LOSS, RESET, TRUNCATE, DUPLICATE, REORDER -> false;
      case RESTART, STALE, CONFIG, CLOCK, CLOCK_JUMP, SLOW_DISK, FULL_DISK -> false;
      case SWITCH_MODE, REMOVE_VOTER, ADD_VOTER -> false;
      case HOSTILE, OVERSIZED, FORGE -> false;
    };
  }

  @ParameterizedTest
  @EnumSource(FaultKind.class)
  void whoIsSilencedIsMissed(FaultKind kind) {
    Story story =
        new Story()
            .view(1, "n2", "n1", "n2", "n3")
            .view(1, "n3", "n1", "n2", "n3")
            .fault(kind.word(), 2, 30, false, "done", "n1", "n1>n2", "n2>n1", "n1>n3", "n3>n1");
    assertThat(new Losses(story.evidence()).all(Story.nanos(5)))
        .extracting(Losses.Loss::lost)
        .as("nodes that %s silences", kind.word())
        .matches(lost -> lost.contains("n1") == silences(kind));
  }
}
