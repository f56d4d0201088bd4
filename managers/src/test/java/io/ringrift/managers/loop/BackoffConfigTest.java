package io.ringrift.managers.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringrift.kernel.Refusal;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Figures of SPEC 5.7.
class BackoffConfigTest {
  private static BackoffConfig plain(long initialSeconds, long maxSeconds) {
    return new BackoffConfig(
        Duration.ofSeconds(initialSeconds), Duration.ofSeconds(maxSeconds), 2, 0);
  }

  @ParameterizedTest
  @CsvSource({"-1,0", "0,0", "1,1", "2,2", "3,4", "4,8", "5,10", "60,10"})
  void delayDoublesUpToItsCeiling(int failures, long seconds) {
    assertThat(plain(1, 10).delay(failures, 0.5)).isEqualTo(Duration.ofSeconds(seconds));
  }

  @Test
  void firstDelayIsTheInitialOne() {
    assertThat(plain(2, 300).delay(1, 0.9)).isEqualTo(Duration.ofSeconds(2));
  }

  @ParameterizedTest
  @CsvSource({"0,9000", "0.5,10000", "1,11000"})
  void jitterStaysWithinItsShare(double chance, long millis) {
    var tenth = new BackoffConfig(Duration.ofSeconds(10), Duration.ofSeconds(10), 2, 0.1);
    assertThat(tenth.delay(1, chance)).isEqualTo(Duration.ofMillis(millis));
  }

  @ParameterizedTest
  @CsvSource({"0,300,2,0.1", "10,5,2,0.1", "1,300,1,0.1", "1,300,2,1.5", "1,300,2,-0.1"})
  void valueOutOfRangeIsRefused(long initial, long max, double multiplier, double jitter) {
    assertThatThrownBy(
            () ->
                new BackoffConfig(
                    Duration.ofSeconds(initial), Duration.ofSeconds(max), multiplier, jitter))
        .isInstanceOf(Refusal.class)
        .hasMessageContaining("backoff.");
  }
}
