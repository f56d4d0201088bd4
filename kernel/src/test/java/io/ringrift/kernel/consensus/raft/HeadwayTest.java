package io.ringrift.kernel.consensus.raft;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringrift.kernel.consensus.raft.Headway.Look;
import io.ringrift.kernel.time.Moment;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class HeadwayTest {
  private static final Duration LIMIT = Duration.ofSeconds(10);
  private static final Duration GRACE = Duration.ofSeconds(4);
  private static final int LOOKS_PER_SECOND = 4;
  private static final int LONG = (int) Headway.LONGEST.toSeconds();

  private final Headway headway = new Headway(LIMIT, GRACE, new Moment(0));
  private Moment now = new Moment(0);

  /// Sees the same for some seconds; tells what was said last.
  private Optional<Headway.Stuck> sees(int seconds, Look look) {
    Optional<Headway.Stuck> told = Optional.empty();
    for (int i = 0; i < seconds * LOOKS_PER_SECOND; i++) {
      now = now.plus(Duration.ofMillis(1000 / LOOKS_PER_SECOND));
      told = headway.step(now, look);
    }
    return told;
  }

  private static Look leader(long executed, long ready) {
    return new Look(true, executed, ready, false, false);
  }

  private static Look follower(long executed, long ready) {
    return new Look(false, executed, ready, false, false);
  }

  private static Look saving(long executed, long ready) {
    return new Look(true, executed, ready, false, true);
  }

  @Test
  void whoExecutesNothingOfWhatIsReadyForTheWholeLimitIsStuck() {
    assertThat(sees(10, leader(7, 9))).isEmpty();
    assertThat(sees(1, leader(7, 9)).orElseThrow().cause())
        .isEqualTo(
            "the raft log is executed no further than entry 7 for 10 s though entry 9 is ready");
  }

  @Test
  void whoFollowsIsStuckJustAsWell() {
    assertThat(sees(11, follower(7, 9))).isPresent();
  }

  @Test
  void aQuietLeaderIsNeverStuck() {
    assertThat(sees(3600, leader(7, 7))).isEmpty();
    assertThat(sees(9, leader(7, 8))).as("counted from where something waits").isEmpty();
  }

  @Test
  void whoExecutesALittleNowAndThenIsNotStuck() {
    for (long index = 7; index < 40; index++) {
      assertThat(sees(9, leader(index, 1_000))).isEmpty();
    }
  }

  @Test
  void aLeaderWhoseOfferNeverReachesItsLogIsStuck() {
    var lost = new Look(true, 7, 7, true, false);
    assertThat(sees(10, lost)).isEmpty();
    assertThat(sees(1, lost).orElseThrow().cause()).contains("another entry was offered");
    assertThat(sees(1, new Look(false, 7, 7, true, false))).as("it gave up leading").isEmpty();
  }

  @Test
  void whatWasNoticedHoldsUntilSomethingIsExecutedAgain() {
    assertThat(sees(11, leader(7, 9))).isPresent();
    assertThat(sees(60, follower(7, 20))).as("deposed, and stuck still").isPresent();
    now = now.plus(Duration.ofMinutes(1));
    assertThat(sees(1, follower(7, 20))).as("and it stood still itself").isPresent();
    assertThat(sees(1, follower(8, 20))).isEmpty();
    assertThat(sees(9, follower(8, 20))).isEmpty();
  }

  @Test
  void aSnapshotMayTakeLongButNotForEver() {
    assertThat(sees(LONG - 1, saving(7, 9))).isEmpty();
    assertThat(sees(9, leader(8, 9))).isEmpty();
    assertThat(sees(LONG - 10, saving(8, 9))).isEmpty();
    assertThat(sees(2, saving(8, 9)).orElseThrow().cause()).contains("snapshot");
  }

  @Test
  void theLimitCountsFromTheEndOfASnapshot() {
    assertThat(sees(200, saving(7, 9))).isEmpty();
    assertThat(sees(9, leader(7, 9))).isEmpty();
    assertThat(sees(2, leader(7, 9))).isPresent();
  }

  @Test
  void aProcessThatStoodStillHasSeenNothing() {
    assertThat(sees(9, leader(7, 9))).isEmpty();
    now = now.plus(Duration.ofMinutes(10));
    assertThat(sees(9, leader(7, 9))).isEmpty();
    assertThat(sees(2, leader(7, 9))).isPresent();
  }

  @Test
  void raftHoldsOnWhenItLeadsStillAfterTheGrace() {
    assertThat(sees(11, leader(7, 9)).orElseThrow().holdsOn()).isFalse();
    assertThat(sees(2, leader(7, 9)).orElseThrow().holdsOn()).isFalse();
    assertThat(sees(60, follower(7, 9)).orElseThrow().holdsOn()).as("it gave up").isFalse();
    assertThat(sees(3, leader(7, 9)).orElseThrow().holdsOn()).as("elected again").isFalse();
    assertThat(sees(2, leader(7, 9)).orElseThrow().holdsOn()).isTrue();
  }
}
