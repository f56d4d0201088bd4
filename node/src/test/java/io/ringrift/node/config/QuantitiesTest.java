package io.ringrift.node.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringrift.kernel.Refusal;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class QuantitiesTest {
  @ParameterizedTest
  @CsvSource({"500ms,500", "15s,15000", "2m,120000", "1h,3600000", "1.5,1500", "0,0", "7,7000"})
  void durationIsReadInEachUnit(String text, long millis) {
    assertThat(Quantities.duration("x", text)).isEqualTo(Duration.ofMillis(millis));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "-1s", "1 year", "s", "1e9", "99999999999h", "1s2s"})
  void durationThatIsNoneIsRefusedByName(String text) {
    assertThatThrownBy(() -> Quantities.duration("lease_duration", text))
        .isInstanceOf(Refusal.class)
        .hasMessageContaining("lease_duration");
  }

  @ParameterizedTest
  @CsvSource({"500ms", "1500ms", "15s", "90s", "2m", "1h", "0s"})
  void durationReadsBackAsItWasShown(String text) {
    assertThat(Quantities.text(Quantities.duration("x", text))).isEqualTo(text);
  }

  @ParameterizedTest
  @CsvSource({"100MB,100000000", "64MiB,67108864", "1GB/s,1000000000", "12,12", "0,0"})
  void sizeIsReadInEachUnit(String text, long bytes) {
    assertThat(Quantities.bytes("x", text)).isEqualTo(bytes);
  }

  @Test
  void wholeNumberOutsideItsBoundsIsRefused() {
    assertThatThrownBy(() -> Quantities.whole("port", "70000", 1, 65_535))
        .hasMessage("port is \"70000\" but must be a whole number from 1 to 65535");
  }
}
