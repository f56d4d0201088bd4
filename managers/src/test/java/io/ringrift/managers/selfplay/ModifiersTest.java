package io.ringrift.managers.selfplay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.offset;

import io.ringrift.kernel.time.Moment;
import io.ringrift.managers.selfplay.Modifiers.Input;
import io.ringrift.managers.selfplay.Modifiers.Trend;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ModifiersTest {
  private static final ConfigKey HEX = new ConfigKey("hex8", 2);
  private final Modifiers modifiers = new Modifiers();

  private static Moment at(long seconds) {
    return new Moment(Duration.ofSeconds(seconds).toNanos());
  }

  private Modifiers.Active after(long seconds) {
    return modifiers.of(at(seconds), HEX);
  }

  @Test
  void nothingHappenedChangesNothing() {
    assertThat(after(5)).isEqualTo(Modifiers.Active.NONE);
  }

  @Test
  void anExplorationBoostExpires() {
    modifiers.apply(at(0), HEX, new Input.Explore(1.3, Duration.ofMinutes(15)));
    assertThat(after(899).exploration()).isEqualTo(1.3);
    assertThat(after(899).explorationLeft()).isEqualTo(Duration.ofSeconds(1));
    assertThat(modifiers.exploring(at(899))).isEqualTo(1);
    assertThat(after(900).exploration()).isEqualTo(1);
    assertThat(modifiers.exploring(at(900))).isZero();
  }

  @Test
  void theBoostOfATrainingExpires() {
    modifiers.apply(at(0), HEX, new Input.Trained());
    assertThat(after(1799).trained()).isEqualTo(1.3);
    assertThat(after(1800).trained()).isEqualTo(1);
    assertThat(after(7200).sinceTraining()).contains(Duration.ofHours(2));
  }

  @ParameterizedTest
  @CsvSource({"1,0.7,1800", "2,0.5,3600", "3,0.3,7200", "5,0.3,7200"})
  void failedPromotionsArePenalised(int failures, double penalty, long lasts) {
    for (int i = 0; i < failures; i++) {
      modifiers.apply(at(0), HEX, new Input.PromotionFailed());
    }
    assertThat(after(lasts - 1).penalty()).isEqualTo(penalty);
    assertThat(after(lasts).penalty()).isEqualTo(1);
  }

  @Test
  void failuresOfTheDayBeforeDoNotCount() {
    modifiers.apply(at(0), HEX, new Input.PromotionFailed());
    modifiers.apply(at(0), HEX, new Input.PromotionFailed());
    modifiers.apply(at(86_400), HEX, new Input.PromotionFailed());
    assertThat(after(86_400).penalty()).isEqualTo(0.7);
  }

  @Test
  void aPromotionForgivesEarlierFailures() {
    modifiers.apply(at(0), HEX, new Input.PromotionFailed());
    modifiers.apply(at(1), HEX, new Input.Promoted());
    assertThat(after(2).penalty()).isEqualTo(1);
  }

  @Test
  void anAcceleratingEloRaisesTheRateUpToOneAndAHalf() {
    modifiers.apply(at(0), HEX, new Input.Velocity(Trend.ACCELERATING));
    assertThat(after(0).rate()).isCloseTo(1.2, offset(1e-9));
    for (int i = 0; i < 5; i++) {
      modifiers.apply(at(0), HEX, new Input.Velocity(Trend.ACCELERATING));
    }
    assertThat(after(0).rate()).isEqualTo(1.5);
  }

  @Test
  void aDeceleratingEloLowersTheRateDownToSixTenths() {
    modifiers.apply(at(0), HEX, new Input.Velocity(Trend.DECELERATING));
    assertThat(after(0).rate()).isCloseTo(0.85, offset(1e-9));
    for (int i = 0; i < 5; i++) {
      modifiers.apply(at(0), HEX, new Input.Velocity(Trend.DECELERATING));
    }
    assertThat(after(0).rate()).isEqualTo(0.6);
  }

  @Test
  void aStableEloBringsTheRateBackByATwentieth() {
    modifiers.apply(at(0), HEX, new Input.Rate(2));
    modifiers.apply(at(0), HEX, new Input.Velocity(Trend.STABLE));
    assertThat(after(0).rate()).isCloseTo(1.95, offset(1e-9));
  }

  @Test
  void oneConfigurationsEventsAreNoneOfAnothers() {
    modifiers.apply(at(0), new ConfigKey("hex8", 3), new Input.Rate(2));
    assertThat(after(0).rate()).isEqualTo(1);
  }

  @Test
  void noMoreThanSoManyConfigurationsAreKept() {
    for (int i = 0; i < Modifiers.MOST_CONFIGS; i++) {
      modifiers.apply(at(0), new ConfigKey("b" + i, 2), new Input.Rate(2));
    }
    modifiers.apply(at(0), HEX, new Input.Rate(2));
    assertThat(after(0).rate()).isEqualTo(1);
  }
}
