package io.ringrift.managers.watch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringrift.kernel.time.Moment;
import io.ringrift.managers.watch.Forecast.Alert;
import io.ringrift.managers.watch.Forecast.Readings;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

/// SPEC 6, PredictiveMonitoring.
final class ForecastTest {
  private final Forecast forecast = new Forecast(ForecastConfig.DEFAULT);

  private static Moment minute(double minutes) {
    return new Moment((long) (minutes * 60e9));
  }

  private static NodeLoad node(double disk, double memory) {
    return new NodeLoad(
        "a", true, true, false, false, 0, disk, memory, 0, 0, 0, 8, Set.of("training"));
  }

  private List<Alert> at(double minutes, double disk, double memory) {
    return at(minutes, new Readings(List.of(node(disk, memory)), 0, Map.of(), Map.of()));
  }

  private List<Alert> at(double minutes, Readings readings) {
    return forecast.step(minute(minutes), readings);
  }

  private static Readings pending(int items) {
    return new Readings(List.of(), items, Map.of(), Map.of());
  }

  @Test
  void theSlopeIsThatOfTheLeastSquares() {
    var trend = new Trend(Duration.ofHours(4));
    trend.add(minute(0), 1);
    trend.add(minute(60), 3);
    assertThat(trend.slopePerHour()).isEmpty();
    trend.add(minute(120), 2);
    assertThat(trend.slopePerHour().getAsDouble()).isCloseTo(0.5, Offset.offset(1e-9));
  }

  @Test
  void samplesOfOneMomentHaveNoSlope() {
    var trend = new Trend(Duration.ofHours(4));
    for (int i = 0; i < 3; i++) {
      trend.add(minute(7), i);
    }
    assertThat(trend.slopePerHour()).isEmpty();
  }

  @Test
  void samplesOlderThanTheWindowAreForgotten() {
    var trend = new Trend(Duration.ofHours(1));
    trend.add(minute(0), 100);
    trend.add(minute(61), 1);
    assertThat(trend.size()).isEqualTo(1);
  }

  @Test
  void aSeriesHoldsABoundedNumberOfSamples() {
    var trend = new Trend(Duration.ofHours(100));
    for (int i = 0; i < 10_000; i++) {
      trend.add(minute(i / 100.0), i);
    }
    assertThat(trend.size()).isEqualTo(256);
  }

  @Test
  void theNumberOfSeriesIsBounded() {
    for (int i = 0; i < 5000; i++) {
      var other =
          new NodeLoad("n" + i, true, false, false, false, 0, 1, 1, 0, 0, 0, 1, Set.of("training"));
      at(1, new Readings(List.of(other), 0, Map.of(), Map.of()));
    }
    assertThat(forecast.size()).isEqualTo(4096);
    at(600, pending(0));
    assertThat(forecast.size()).isEqualTo(1);
  }

  @Test
  void aDiskThatWillBeFullWithinFourHoursIsToldBefore() {
    at(0, 76, 0);
    at(30, 78, 0);
    // 4 % an hour, so 80 % is full in 5 h and 84 % in 4 h.
    assertThat(at(60, 80, 0)).isEmpty();
    at(90, 82, 0);
    assertThat(at(120, 84, 0))
        .extracting(Alert::key, Alert::severity)
        .containsExactly(org.assertj.core.groups.Tuple.tuple("disk:a", "warning"));
  }

  @Test
  void aDiskThatIsFullNowIsCritical() {
    assertThat(at(0, 89.9, 0)).isEmpty();
    assertThat(at(1, 90, 0)).extracting(Alert::severity).containsExactly("critical");
  }

  @Test
  void memoryIsCriticalAtNinetyFive() {
    assertThat(at(0, 0, 94.9)).isEmpty();
    assertThat(at(1, 0, 95)).extracting(Alert::key).contains("memory:a");
  }

  @Test
  void aBacklogIsToldByItsSizeAndByItsGrowth() {
    assertThat(at(0, pending(50))).isEmpty();
    assertThat(at(1, pending(51))).hasSize(1);
    var growing = new Forecast(ForecastConfig.DEFAULT);
    growing.step(minute(0), pending(0));
    growing.step(minute(30), pending(5));
    // Exactly ten an hour is not above ten.
    assertThat(growing.step(minute(60), pending(10))).isEmpty();
    assertThat(growing.step(minute(60.001), pending(20))).hasSize(1);
  }

  @Test
  void aLadderWhoseBestFallsByMoreThanFiveAnHourIsTold() {
    for (int hour = 0; hour < 2; hour++) {
      at(60 * hour, new Readings(List.of(), 0, Map.of("hex8_2p", 1500.0 - 6 * hour), Map.of()));
    }
    assertThat(at(120, new Readings(List.of(), 0, Map.of("hex8_2p", 1488.0), Map.of())))
        .extracting(Alert::key)
        .containsExactly("elo:hex8_2p");
  }

  @Test
  void aBoardWithoutATrainingForSixHoursIsTold() {
    var late = Map.of("hex8_2p", Duration.ofHours(6));
    var inTime = Map.of("hex8_2p", Duration.ofHours(6).minusMillis(1));
    assertThat(at(0, new Readings(List.of(), 0, Map.of(), inTime))).isEmpty();
    assertThat(at(1, new Readings(List.of(), 0, Map.of(), late))).hasSize(1);
  }

  @Test
  void anAlertOfOneKeyRestsForHalfAnHour() {
    var throttle = new AlertThrottle(Duration.ofMinutes(30), 20);
    assertThat(throttle.admits(minute(0), "k")).isTrue();
    assertThat(throttle.admits(minute(29.9), "k")).isFalse();
    assertThat(throttle.admits(minute(29.9), "other")).isTrue();
    assertThat(throttle.admits(minute(30), "k")).isTrue();
  }

  @Test
  void anHourHasAtMostTwentyAlerts() {
    var throttle = new AlertThrottle(Duration.ofMinutes(30), 20);
    for (int i = 0; i < 20; i++) {
      assertThat(throttle.admits(minute(i), "k" + i)).isTrue();
    }
    assertThat(throttle.admits(minute(59), "more")).isFalse();
    assertThat(throttle.admits(minute(60), "more")).isTrue();
  }

  @Test
  void anIntervalOfZeroIsRefused() {
    var usual = ForecastConfig.DEFAULT;
    assertThatThrownBy(
            () ->
                new ForecastConfig(
                    Duration.ZERO,
                    usual.delay(),
                    90,
                    usual.diskAhead(),
                    95,
                    usual.memoryAhead(),
                    -5,
                    usual.eloWindow(),
                    50,
                    10,
                    usual.backlogWindow(),
                    usual.trainingStall(),
                    usual.rest(),
                    20))
        .hasMessageContaining("forecast.interval");
  }
}
