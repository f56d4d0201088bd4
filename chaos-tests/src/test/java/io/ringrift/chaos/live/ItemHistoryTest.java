package io.ringrift.chaos.live;

import static io.ringrift.chaos.live.ItemHistory.CLAIMED;
import static io.ringrift.chaos.live.ItemHistory.COMPLETED;
import static io.ringrift.chaos.live.ItemHistory.QUEUED;
import static org.assertj.core.api.Assertions.assertThat;

import io.ringrift.kernel.time.Moment;
import org.junit.jupiter.api.Test;

/// Which histories of an item some order of its operations explains.
class ItemHistoryTest {
  private final ItemHistory history = new ItemHistory();

  private void wrote(int state, long from, long to) {
    history.wrote(state, new Moment(from), new Moment(to));
  }

  private void read(int state, long from, long to) {
    history.read(state, new Moment(from), new Moment(to));
  }

  @Test
  void lifeInOrderHolds() {
    wrote(QUEUED, 0, 10);
    read(QUEUED, 11, 12);
    wrote(CLAIMED, 20, 30);
    wrote(COMPLETED, 31, 40);
    read(COMPLETED, 41, 42);
    assertThat(history.violation()).isEmpty();
  }

  @Test
  void readsThatOverlapAWriteMaySeeEither() {
    wrote(QUEUED, 0, 10);
    wrote(CLAIMED, 20, 40);
    read(CLAIMED, 22, 25);
    read(QUEUED, 19, 24);
    assertThat(history.violation()).isEmpty();
  }

  @Test
  void readBehindAnAcknowledgedWriteHasToSeeIt() {
    wrote(QUEUED, 0, 10);
    wrote(CLAIMED, 11, 20);
    read(QUEUED, 21, 30);
    assertThat(history.violation()).isPresent();
  }

  @Test
  void whatOneReadSawNoLaterReadMayMiss() {
    wrote(QUEUED, 0, 10);
    wrote(CLAIMED, 11, 100);
    read(CLAIMED, 20, 25);
    read(QUEUED, 26, 30);
    assertThat(history.violation()).isPresent();
  }

  @Test
  void nothingIsSeenBeforeItIsAskedFor() {
    wrote(QUEUED, 0, 10);
    read(CLAIMED, 12, 15);
    wrote(CLAIMED, 20, 30);
    assertThat(history.violation()).isPresent();
  }

  @Test
  void itemIsClaimedOnce() {
    wrote(QUEUED, 0, 10);
    wrote(CLAIMED, 11, 20);
    wrote(CLAIMED, 21, 30);
    assertThat(history.violation()).isPresent();
  }

  @Test
  void writeWithoutAnAnswerMayTakeEffectLate() {
    wrote(QUEUED, 0, 10);
    history.wrote(CLAIMED, new Moment(11), Moment.MAX);
    read(QUEUED, 50, 60);
    read(CLAIMED, 61, 70);
    assertThat(history.violation()).isEmpty();
  }
}
