package io.ringrift.kernel.consensus.raft;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringrift.kernel.time.Moment;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class HeadwayTest {
  private static final Duration LIMIT = Duration.ofSeconds(10);
  private static final int LOOKS_PER_SECOND = 4;

  private final Headway headway = new Headway(LIMIT, new Moment(0));
  private Moment now = new Moment(0);

  /// Looks on for some seconds; tells the first cause.
  private Optional<String> looks(int seconds, boolean led, long index, boolean saving) {
    Optional<String> cause = Optional.empty();
    for (int i = 0; i < seconds * LOOKS_PER_SECOND; i++) {
      now = now.plus(Duration.ofMillis(1000 / LOOKS_PER_SECOND));
      Optional<String> told = headway.step(now, led, index, saving);
      cause = cause.or(() -> told);
    }
    return cause;
  }

  @Test
  void aLeaderThatExecutesNothingForTheWholeLimitIsStuck() {
    assertThat(looks(10, true, 7, false)).isEmpty();
    assertThat(looks(1, true, 7, false).orElseThrow()).contains("entry 7", "10000 ms");
  }

  @Test
  void aLeaderThatExecutesAMarkNowAndThenIsNot() {
    for (long index = 7; index < 20; index++) {
      assertThat(looks(9, true, index, false)).isEmpty();
    }
  }

  @Test
  void whoDoesNotLeadOrHasNoMajorityMayStandStill() {
    assertThat(looks(60, false, 7, false)).isEmpty();
    assertThat(looks(9, true, 7, false)).isEmpty();
    assertThat(looks(1, false, 7, false)).isEmpty();
    assertThat(looks(9, true, 7, false)).as("counted anew").isEmpty();
    assertThat(looks(2, true, 7, false)).isPresent();
  }

  @Test
  void timeThatASnapshotTakesDoesNotCountButIsBounded() {
    assertThat(looks(200, true, 7, true)).isEmpty();
    assertThat(looks(9, true, 7, false)).as("counted from its end").isEmpty();
    assertThat(looks(1, true, 8, false)).isEmpty();
    assertThat(looks((int) Headway.LONGEST.toSeconds() - 1, true, 8, true)).isEmpty();
    assertThat(looks(1, true, 8, true)).isPresent();
  }

  @Test
  void aProcessThatStoodStillHasSeenNothing() {
    assertThat(looks(9, true, 7, false)).isEmpty();
    now = now.plus(Duration.ofMinutes(10));
    assertThat(looks(9, true, 7, false)).isEmpty();
    assertThat(looks(2, true, 7, false)).isPresent();
  }
}
