package io.ringrift.managers.watch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringrift.kernel.time.Moment;
import io.ringrift.managers.watch.Pressure.Action;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// SPEC 5.9, steps 2 to 4.
final class PressureTest {
  private final Pressure pressure = new Pressure(PressureConfig.DEFAULT);

  private static NodeLoad node(double gpu, double disk, double memory, int selfplay) {
    return new NodeLoad(
        "a",
        true,
        false,
        false,
        true,
        gpu,
        disk,
        memory,
        selfplay,
        0,
        selfplay,
        8,
        Set.of("training"));
  }

  private Map<String, Integer> targets = Map.of("a", 4);

  private List<Action> at(long seconds, NodeLoad node) {
    return pressure.step(new Moment(0).plus(Duration.ofSeconds(seconds)), List.of(node), targets);
  }

  @Test
  void memoryUnderPressureThinsSelfPlayOut() {
    assertThat(at(0, node(50, 10, 74.9, 8))).isEmpty();
    assertThat(at(1, node(50, 10, 75, 8)))
        .containsExactly(new Action.Shed("a", 4, "disk 10 %, memory 75 %"));
    assertThat(at(2, node(50, 10, 75, 4))).isEmpty();
  }

  @Test
  void asMuchStaysAsTheSchedulersTargetAndHalfWithoutOne() {
    targets = Map.of("a", 2);
    assertThat(at(0, node(50, 10, 75, 8)))
        .containsExactly(new Action.Shed("a", 2, "disk 10 %, memory 75 %"));
    targets = Map.of("a", 8);
    assertThat(at(1, node(50, 10, 75, 8))).isEmpty();
    targets = Map.of();
    assertThat(at(2, node(50, 10, 75, 8)))
        .containsExactly(new Action.Shed("a", 4, "disk 10 %, memory 75 %"));
  }

  @Test
  void criticalMemoryLeavesNoSelfPlay() {
    assertThat(at(0, node(50, 10, 80, 1)))
        .containsExactly(new Action.Shed("a", 0, "disk 10 %, memory 80 %"));
  }

  @Test
  void aFullDiskIsToldAndItsSelfPlayEnds() {
    assertThat(at(0, node(50, 90, 10, 2)))
        .containsExactly(
            new Action.CleanUp("a", 90), new Action.Shed("a", 0, "disk 90 %, memory 10 %"));
    assertThat(at(60, node(50, 90, 10, 0))).isEmpty();
    assertThat(at(1800, node(50, 90, 10, 0))).containsExactly(new Action.CleanUp("a", 90));
  }

  @Test
  void jobsThatLeaveTheGpusStandingForFiveMinutesAreRestarted() {
    at(0, node(1.9, 10, 10, 3));
    assertThat(at(299, node(1.9, 10, 10, 3))).isEmpty();
    assertThat(at(300, node(1.9, 10, 10, 3)))
        .containsExactly(new Action.Restart("a", true, "GPUs at 1.9 %"));
    assertThat(at(360, node(1.9, 10, 10, 3))).isEmpty();
  }

  @Test
  void aBusyMomentBeginsTheTimeAnew() {
    at(0, node(1, 10, 10, 3));
    at(200, node(2, 10, 10, 3));
    at(201, node(1, 10, 10, 3));
    assertThat(at(300, node(1, 10, 10, 3))).isEmpty();
    assertThat(at(501, node(1, 10, 10, 3))).hasSize(1);
  }

  @Test
  void threeTimesTheJobsThatANodeMayRunAreARunaway() {
    assertThat(at(0, node(50, 10, 10, 23))).isEmpty();
    assertThat(at(1, node(50, 10, 10, 24)))
        .containsExactly(new Action.Restart("a", false, "24 self-play jobs"));
  }

  @Test
  void aSharedMachineIsLeftAlone() {
    var shared = new Pressure(PressureConfig.DEFAULT.enabled(false));
    assertThat(shared.step(new Moment(0), List.of(node(0, 99, 99, 200)), Map.of())).isEmpty();
  }

  @Test
  void anIntervalOfZeroIsRefused() {
    var usual = PressureConfig.DEFAULT;
    assertThatThrownBy(
            () ->
                new PressureConfig(
                    true, Duration.ZERO, 75, 80, 70, 90, 2, usual.stuckAfter(), 100, usual.rest()))
        .hasMessageContaining("pressure.interval");
  }

  @Test
  void criticalBelowWarningIsRefused() {
    var usual = PressureConfig.DEFAULT;
    assertThatThrownBy(
            () ->
                new PressureConfig(
                    true,
                    Duration.ofSeconds(1),
                    75,
                    70,
                    70,
                    90,
                    2,
                    usual.stuckAfter(),
                    100,
                    usual.rest()))
        .hasMessageContaining("pressure.memory_critical");
  }
}
