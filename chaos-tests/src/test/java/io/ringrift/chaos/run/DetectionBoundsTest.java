package io.ringrift.chaos.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringrift.chaos.scenario.GroundKind;
import io.ringrift.chaos.scenario.Scenario;
import io.ringrift.chaos.scenario.Scenarios;
import io.ringrift.kernel.Timing;
import io.ringrift.kernel.boot.KernelConfig.MembershipMode;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class DetectionBoundsTest {
  /// A bound that no fault outlasts checks nothing.
  @ParameterizedTest
  @EnumSource(MembershipMode.class)
  void faultsOfTheSuiteOutlastTheBounds(MembershipMode mode) {
    for (String name : new String[] {"isolate-leader", "majority-minority", "pause-leader"}) {
      Scenario scenario = Scenarios.of(name);
      assertThat(scenario.grounds()).contains(GroundKind.PROCESS);
      var bounds =
          DetectionBounds.of(
              Presets.of(scenario.timing()), mode, scenario.nodes(), Duration.ofSeconds(60));
      assertThat(scenario.faults())
          .as(name)
          .anySatisfy(
              fault -> {
                assertThat(fault.lasting()).isGreaterThan(bounds.missWithin());
                assertThat(fault.lasting()).isGreaterThan(bounds.detectWithin());
              });
    }
  }

  @ParameterizedTest
  @EnumSource(MembershipMode.class)
  void noBoundIsBelowWhatTheDetectorsNeed(MembershipMode mode) {
    var bounds = DetectionBounds.of(Timing.local(), mode, 3, Duration.ZERO);
    assertThat(bounds.missWithin()).isGreaterThan(Timing.local().deadAfter().multipliedBy(2));
    assertThat(bounds.detectWithin()).isGreaterThan(Timing.local().lease().multipliedBy(2));
  }

  @Test
  void slowerTimingHasLongerBounds() {
    var slow = DetectionBounds.of(Timing.wan(), MembershipMode.HTTP, 3, Duration.ZERO);
    assertThat(slow.missWithin()).isGreaterThan(Duration.ofMinutes(2));
    assertThat(slow.detectWithin()).isGreaterThan(Duration.ofMinutes(2));
  }
}
