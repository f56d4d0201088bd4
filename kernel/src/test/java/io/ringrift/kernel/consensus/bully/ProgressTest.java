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

  @Test
  void aFollowerThatLostItsLogIsCountedForWhatItStillHas() {
    var progress = new Progress(1);
    progress.accepted(1, 50, at(0));
    progress.refused(2, 10, at(100));
    assertThat(progress.match()).isEqualTo(10);
    assertThat(progress.next()).isEqualTo(11);
  }

  /// A beat for a reader may follow the batch at once, over a stream that is opened again.
  @Test
  void aBatchThatWasLostBeforeABeatIsSentAgain() {
    var progress = new Progress(100);
    progress.accepted(1, 99, at(0));
    progress.batchSent(2, 1, 99, at(10));
    assertThat(progress.next()).isEqualTo(101);
    progress.accepted(3, 99, at(20));
    assertThat(progress.next()).isEqualTo(100);
    assertThat(progress.mayBatch()).isTrue();
  }

  @Test
  void whatIsUnderWayBehindABeatIsNotSentTwice() {
    var progress = new Progress(100);
    progress.accepted(1, 99, at(0));
    progress.batchSent(2, 1, 99, at(10));
    progress.batchSent(4, 1, 99, at(15));
    progress.accepted(3, 100, at(20));
    assertThat(progress.next()).isEqualTo(102);
  }

  @Test
  void anOldRefusalTakesNothingBack() {
    var progress = new Progress(1);
    progress.accepted(5, 50, at(0));
    progress.refused(4, 10, at(100));
    assertThat(progress.match()).isEqualTo(50);
  }

  private static Moment at(long millis) {
    return new Moment(Duration.ofMillis(millis).toNanos());
  }
}
