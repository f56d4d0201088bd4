package io.ringrift.kernel.consensus.bully;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringrift.kernel.time.Moment;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/// What a leader knows of one follower (thesis, section 3.5).
final class ProgressTest {
  private static final Duration PATIENCE = Duration.ofMillis(500);

  @Test
  void aFollowerThatFellSilentIsServedAgainOnceItRefusesABeat() {
    var progress = new Progress(100);
    progress.batchSent(1, 8, 0, at(0));
    assertThat(progress.fellSilent(at(600), PATIENCE)).isTrue();
    assertThat(progress.mayBatch()).isFalse();
    // Its log ends before the leader's begins, so it refuses every beat; it must get a snapshot.
    progress.refused(2, 40, at(700));
    assertThat(progress.mayBatch()).isTrue();
    assertThat(progress.next()).isLessThanOrEqualTo(41);
  }

  private static Moment at(long millis) {
    return new Moment(Duration.ofMillis(millis).toNanos());
  }
}
