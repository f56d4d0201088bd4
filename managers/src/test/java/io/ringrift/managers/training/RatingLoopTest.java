package io.ringrift.managers.training;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringrift.managers.Kept;
import org.junit.jupiter.api.Test;

/// Which models play for the ladder, and how much.
class RatingLoopTest {
  /// All that the configuration takes: up to 32 configurations and 1000 pairs.
  @Test
  void theGamesOfAllConfigurationsFillAtMostHalfOfWhatIsKept() {
    for (int configs = 1; configs <= 32; configs++) {
      for (int asked : new int[] {1, 50, 157, 200, 1000}) {
        int pairs = RatingLoop.pairs(configs, asked);
        int games = configs * RatingLoop.rated(configs, pairs) * 4 * pairs;
        assertThat(games).as(configs + " with " + asked).isBetween(1, Kept.MATCHES / 2);
      }
    }
  }

  @Test
  void asManyPairsAreKeptToAsFit() {
    assertThat(RatingLoop.pairs(32, 50)).isEqualTo(50);
    assertThat(RatingLoop.pairs(32, 1000)).isEqualTo(78);
    assertThat(RatingLoop.pairs(1, 1000)).isEqualTo(1000);
  }

  @Test
  void theNewestChangeOfOfficeIsRatedAndNoMoreThanTwentyAre() {
    assertThat(RatingLoop.rated(32, 78)).isEqualTo(1);
    assertThat(RatingLoop.rated(1, 50)).isEqualTo(20);
  }
}
