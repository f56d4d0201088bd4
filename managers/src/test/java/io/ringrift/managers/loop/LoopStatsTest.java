package io.ringrift.managers.loop;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/// SPEC 5.7, LoopStats.
class LoopStatsTest {
  private static final Instant FIRST = Instant.ofEpochSecond(1);
  private static final Instant SECOND = Instant.ofEpochSecond(2);

  @Test
  void beforeTheFirstRoundNothingHasFailed() {
    assertThat(LoopStats.NONE.successRate()).isEqualTo(100);
    assertThat(LoopStats.NONE.averageDuration()).isEqualTo(Duration.ZERO);
  }

  @Test
  void theMeanLengthIsThatOfTheSuccessfulRounds() {
    var stats =
        LoopStats.NONE
            .succeeded(Duration.ofMillis(10), FIRST)
            .failed(Duration.ofMillis(500), "broken", FIRST)
            .succeeded(Duration.ofMillis(30), FIRST);
    assertThat(stats.averageDuration()).isEqualTo(Duration.ofMillis(20));
    assertThat(stats.lastDuration()).isEqualTo(Duration.ofMillis(30));
  }

  @Test
  void aSuccessEndsTheFailuresInARow() {
    var failing =
        LoopStats.NONE.failed(Duration.ZERO, "first", FIRST).failed(Duration.ZERO, "second", FIRST);
    assertThat(failing.consecutiveErrors()).isEqualTo(2);
    assertThat(failing.successRate()).isZero();
    var again = failing.succeeded(Duration.ZERO, FIRST).succeeded(Duration.ZERO, FIRST);
    assertThat(again.consecutiveErrors()).isZero();
    assertThat(again.successRate()).isEqualTo(50);
    assertThat(again.totalRuns()).isEqualTo(4);
    assertThat(again.lastError()).isEqualTo("second");
  }

  @Test
  void theTimesOfTheLastSuccessAndErrorAreKept() {
    assertThat(LoopStats.NONE.lastRunAt()).isEmpty();
    var failed =
        LoopStats.NONE.succeeded(Duration.ZERO, FIRST).failed(Duration.ZERO, "broken", SECOND);
    assertThat(failed.lastSuccessAt()).contains(FIRST);
    assertThat(failed.lastErrorAt()).contains(SECOND);
    assertThat(failed.lastRunAt()).contains(SECOND);
    var again =
        LoopStats.NONE.failed(Duration.ZERO, "broken", FIRST).succeeded(Duration.ZERO, SECOND);
    assertThat(again.lastErrorAt()).contains(FIRST);
    assertThat(again.lastRunAt()).contains(SECOND);
  }
}
