package io.ringrift.managers;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

final class RecentOutcomesTest {
  private final RecentOutcomes outcomes = new RecentOutcomes();

  private Health.Status status() {
    return outcomes.health(Map.of()).status();
  }

  @Test
  void fewFailuresAreNoRate() {
    outcomes.add(9, true);
    assertThat(status()).isEqualTo(Health.Status.RUNNING);
    outcomes.add(true);
    assertThat(status()).isEqualTo(Health.Status.ERROR);
  }

  @Test
  void whatLiesFarBackIsForgotten() {
    outcomes.add(50, true);
    outcomes.add(24, false);
    assertThat(status()).isEqualTo(Health.Status.ERROR);
    outcomes.add(26, false);
    assertThat(status()).isEqualTo(Health.Status.RUNNING);
  }

  @Test
  void aThirdOfFailuresIsDegraded() {
    outcomes.add(20, false);
    outcomes.add(10, true);
    assertThat(status()).isEqualTo(Health.Status.DEGRADED);
  }
}
