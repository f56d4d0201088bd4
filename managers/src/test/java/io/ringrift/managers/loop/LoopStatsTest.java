package io.ringrift.managers.loop;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/// SPEC 5.7, LoopStats.
class LoopStatsTest {
  @Test
  void beforeTheFirstRoundNothingHasFailed() {
    assertThat(LoopStats.NONE.successRate()).isEqualTo(100);
    assertThat(LoopStats.NONE.averageDuration()).isEqualTo(Duration.ZERO);
  }

  @Test
  void theMeanLengthIsThatOfTheSuccessfulRounds() {
    var stats =
        LoopStats.NONE
            .succeeded(Duration.ofMillis(10))
            .failed(Duration.ofMillis(500), "broken")
            .succeeded(Duration.ofMillis(30));
    assertThat(stats.averageDuration()).isEqualTo(Duration.ofMillis(20));
    assertThat(stats.lastDuration()).isEqualTo(Duration.ofMillis(30));
  }

  @Test
  void aSuccessEndsTheFailuresInARow() {
    var failing = LoopStats.NONE.failed(Duration.ZERO, "first").failed(Duration.ZERO, "second");
    assertThat(failing.consecutiveErrors()).isEqualTo(2);
    assertThat(failing.successRate()).isZero();
    var again = failing.succeeded(Duration.ZERO).succeeded(Duration.ZERO);
    assertThat(again.consecutiveErrors()).isZero();
    assertThat(again.successRate()).isEqualTo(50);
    assertThat(again.totalRuns()).isEqualTo(4);
    assertThat(again.lastError()).isEqualTo("second");
  }
}
