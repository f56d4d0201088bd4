package io.ringrift.managers.training;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/// Which models play for the ladder.
class RatingLoopTest {
  private static final int KEPT = 20_000;

  @Test
  void theGamesOfAllConfigurationsFillAtMostHalfOfWhatIsKept() {
    for (int configs = 1; configs <= 6; configs++) {
      for (int pairs : new int[] {1, 50, 200}) {
        int games = configs * RatingLoop.rated(configs, pairs) * 4 * pairs;
        assertThat(games).as(configs + " with " + pairs).isLessThanOrEqualTo(KEPT / 2);
      }
    }
  }

  @Test
  void theNewestChangeOfOfficeIsRatedWhateverItCostsAndNoMoreThanTwentyAre() {
    assertThat(RatingLoop.rated(32, 1000)).isEqualTo(1);
    assertThat(RatingLoop.rated(1, 50)).isEqualTo(20);
  }
}
