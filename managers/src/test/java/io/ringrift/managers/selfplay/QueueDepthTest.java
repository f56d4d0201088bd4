package io.ringrift.managers.selfplay;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringrift.managers.selfplay.QueueSight.Depth;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// How much is added to what waits: 5 is the least depth here, 10 the target.
final class QueueDepthTest {
  private static final SelfplayConfig.Depths DEPTHS = new SelfplayConfig.Depths(5, 10, 1000);

  @ParameterizedTest
  @CsvSource({
    "0, 0, 10",
    "4, 0, 6",
    "5, 0, 0",
    "10, 10, 10",
    "14, 10, 6",
    "15, 10, 0",
    "17, 17, 3"
  })
  void whatIsStrandedLeavesItsPlaceToOthersUpToTwiceTheTarget(int waiting, int stranded, int room) {
    assertThat(new Depth(waiting, stranded, 100).room(DEPTHS)).isEqualTo(room);
    assertThat(new Depth(waiting, stranded, 0).room(DEPTHS)).isEqualTo(room);
  }

  @Test
  void nothingIsAddedBeyondTheHardLimit() {
    assertThat(new Depth(10, 10, 12).room(DEPTHS)).isEqualTo(2);
    assertThat(new Depth(13, 13, 12).room(DEPTHS)).isZero();
  }
}
