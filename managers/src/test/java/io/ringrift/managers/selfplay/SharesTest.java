package io.ringrift.managers.selfplay;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

final class SharesTest {
  @Test
  void theFirstWorkersGetTheRemainder() {
    assertThat(Shares.of(10, 3)).isEqualTo(List.of(4, 3, 3));
    assertThat(Shares.of(11, 3)).isEqualTo(List.of(4, 4, 3));
    assertThat(Shares.of(9, 3)).isEqualTo(List.of(3, 3, 3));
  }

  @Test
  void nobodyGetsAShareWithoutGames() {
    assertThat(Shares.of(2, 5)).isEqualTo(List.of(1, 1));
  }

  @Test
  void noItemHasMoreThanItMayAndEachWorkerHasEquallyMany() {
    assertThat(Shares.items(25, 2, 5, 100)).isEqualTo(List.of(5, 4, 4, 4, 4, 4));
    assertThat(Shares.items(10, 3, 50, 100)).isEqualTo(List.of(4, 3, 3));
  }

  @Test
  void thereAreNeverMoreItemsThanMayBe() {
    for (int games = 1; games <= 200; games++) {
      for (int workers = 1; workers <= 20; workers++) {
        var items = Shares.items(games, workers, 10, 20);
        assertThat(items).hasSizeLessThanOrEqualTo(20).allMatch(item -> item <= 10);
        assertThat(items.stream().mapToInt(Integer::intValue).sum()).isEqualTo(games);
      }
    }
  }

  @Test
  void theSumIsWhatWasAskedFor() {
    for (int games = 1; games <= 200; games++) {
      for (int workers = 1; workers <= 40; workers++) {
        var shares = Shares.of(games, workers);
        assertThat(shares.stream().mapToInt(Integer::intValue).sum()).isEqualTo(games);
        assertThat(shares.getFirst() - shares.getLast()).isLessThanOrEqualTo(1);
      }
    }
  }
}
