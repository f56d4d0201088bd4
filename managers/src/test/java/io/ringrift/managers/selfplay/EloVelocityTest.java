package io.ringrift.managers.selfplay;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringrift.kernel.time.Moment;
import io.ringrift.managers.selfplay.EloVelocity.Change;
import io.ringrift.managers.selfplay.Modifiers.Trend;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

final class EloVelocityTest {
  private static final ConfigKey HEX5 = new ConfigKey("hex5", 2);
  private static final Duration ROUND = Duration.ofMinutes(5);

  private final EloVelocity velocity = new EloVelocity();
  private Moment now = new Moment(0);
  private double elo = 1500;

  private List<Change> step() {
    now = now.plus(ROUND);
    return velocity.step(now, Map.of(HEX5, OptionalDouble.of(elo)));
  }

  /// Rounds in which the Elo moves at a pace; what they change is told.
  private List<Trend> hours(int hours, double pace) {
    var trends = new ArrayList<Trend>();
    for (int round = 0; round < hours * 12; round++) {
      elo += pace / 12;
      for (Change change : step()) {
        velocity.told(now, change);
        trends.add(change.trend());
      }
    }
    return trends;
  }

  @Test
  void theFirstVelocityIsTheMeasureOfThoseBehindIt() {
    assertThat(hours(10, 20)).isEmpty();
  }

  @Test
  void oneStepFasterIsToldOnceAndLaterThatItStays() {
    var _ = hours(8, 0);
    assertThat(hours(9, 6)).containsExactly(Trend.ACCELERATING, Trend.STABLE);
    assertThat(hours(12, 6)).isEmpty();
  }

  @Test
  void slowerIsTold() {
    var _ = hours(8, 0);
    assertThat(hours(9, -6)).containsExactly(Trend.DECELERATING, Trend.STABLE);
  }

  @Test
  void lessThanAStepIsNot() {
    var _ = hours(8, 0);
    assertThat(hours(24, 4.9)).isEmpty();
  }

  @Test
  void aChangeIsTheSameUntilItWasTold() {
    var _ = hours(8, 0);
    elo += 60;
    Change first = step().getFirst();
    assertThat(first.attributes())
        .containsEntry("config_key", "hex5_2p")
        .containsEntry("trend", "accelerating")
        .containsEntry("velocity", "10.0");
    Change again = step().getFirst();
    assertThat(again.number()).isEqualTo(first.number());
    velocity.told(now, again);
    assertThat(step()).isEmpty();
  }

  @Test
  void threeHoursAreTheLeastThatIsMeasured() {
    var _ = hours(2, 0);
    elo += 1000;
    // Only the same climb over a longer time is slower.
    assertThat(hours(2, 0)).isNotEmpty().containsOnly(Trend.DECELERATING);
  }

  @Test
  void whatIsNotKnownForOnceCostsNothing() {
    var _ = hours(8, 0);
    now = now.plus(ROUND);
    assertThat(velocity.step(now, Map.of(HEX5, OptionalDouble.empty()))).isEmpty();
    elo += 60;
    assertThat(step()).hasSize(1);
  }

  @Test
  void aConfigurationThatIsNotPlayedAnyMoreIsForgotten() {
    var _ = hours(8, 0);
    assertThat(velocity.step(now, Map.of())).isEmpty();
    elo += 1000;
    assertThat(hours(6, 0)).isEmpty();
  }
}
