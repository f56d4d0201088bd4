package io.ringrift.managers;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Thresholds of SPEC 5.3 and 5.4.
final class HealthTest {
  @ParameterizedTest
  @CsvSource({"0,0,RUNNING", "1,4,RUNNING", "2,7,DEGRADED", "1,1,DEGRADED", "6,5,ERROR"})
  void moreThanAFifthOfFailuresIsDegradedAndMoreThanHalfAnError(
      long failed, long completed, Health.Status status) {
    var health = Health.byFailureRate(failed, completed, Map.of());
    assertThat(health.status()).isEqualTo(status);
    assertThat(health.healthy()).isEqualTo(status != Health.Status.ERROR);
  }
}
