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
