package io.ringrift.kernel.consensus.raft;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class SnapshotPaceTest {
  private final SnapshotPace pace = new SnapshotPace(10);

  @Test
  void theFirstSnapshotIsDueAsSoonAsRatisAsks() {
    assertThat(pace.due(10)).isTrue();
  }

  @Test
  void theNextIsDueOnceTheLogHasGrownByTheSizeOfTheLast() {
    pace.taken(10, 1_000);
    pace.logged(600);
    assertThat(pace.due(20)).isFalse();
    pace.logged(400);
    assertThat(pace.due(30)).isTrue();
    pace.taken(30, 2_000);
    assertThat(pace.due(40)).isFalse();
  }

  @Test
  void smallEntriesOfAGreatStateAreBoundedInNumber() {
    pace.taken(10, Long.MAX_VALUE);
    pace.logged(1);
    assertThat(pace.due(509)).isFalse();
    assertThat(pace.due(510)).isTrue();
  }
}
