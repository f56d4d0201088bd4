package io.ringrift.managers.watch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringrift.managers.watch.ScaleRule.Decision;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// SPEC 6, AutoScaling: needed = min(int(p/10 - n + 1), 3, max - n).
final class ScaleRuleTest {
  private static final List<String> IDLE = List.of("x", "y", "z", "w");

  private static Decision decide(int pending, int active) {
    return ScaleRule.decide(pending, active, IDLE, ScaleConfig.DEFAULT);
  }

  @Test
  void moreThanTenItemsPerNodeAddNodes() {
    assertThat(decide(20, 2)).isInstanceOf(Decision.Stay.class);
    // 21/10 - 2 + 1 = 1.1
    assertThat(decide(21, 2)).isEqualTo(new Decision.Up(1));
    // 30/10 - 2 + 1 = 2
    assertThat(decide(30, 2)).isEqualTo(new Decision.Up(2));
    assertThat(decide(3172, 2)).isEqualTo(new Decision.Up(3));
  }

  private static NodeLoad node(String id, boolean gpu, int maxJobs, String... capabilities) {
    return new NodeLoad(
        id, true, false, false, gpu, 0, 10, 10, 0, 0, 0, maxJobs, Set.of(capabilities));
  }

  private static List<String> spare(NodeLoad... active) {
    return ScaleRule.spare(IDLE, List.of(active));
  }

  @Test
  void whatOneNodeAloneCanDoKeepsItsNode() {
    var selfplay = node("w", false, 4, "selfplay");
    assertThat(spare(node("x", false, 4, "selfplay", "training"), selfplay)).containsExactly("w");
    assertThat(spare(node("x", true, 4, "selfplay"), selfplay)).containsExactly("w");
    assertThat(spare(node("x", false, 4, "selfplay"), selfplay)).containsExactly("x");
    assertThat(spare(node("x", false, 4, "selfplay"), node("w", false, 0, "selfplay")))
        .as("w takes no jobs")
        .containsExactly("w");
  }

  @Test
  void ofSeveralThatCanDoItTheLastStays() {
    assertThat(
            spare(
                node("x", true, 4, "training"),
                node("y", true, 4, "training"),
                node("z", false, 4, "training"),
                node("busy", false, 4, "selfplay")))
        .containsExactly("x", "z");
  }

  @Test
  void thereAreNeverMoreThanTheGreatestNumber() {
    assertThat(decide(9400, 19)).isEqualTo(new Decision.Up(1));
    assertThat(decide(9400, 20)).isInstanceOf(Decision.Stay.class);
    assertThat(decide(9400, 25)).isInstanceOf(Decision.Stay.class);
  }

  @Test
  void withoutAnyNodeWaitingWorkAddsOne() {
    assertThat(decide(1, 0)).isEqualTo(new Decision.Up(1));
    assertThat(decide(0, 0)).isInstanceOf(Decision.Stay.class);
  }

  @Test
  void fewerThanTwoItemsPerNodeTakeIdleNodesAway() {
    assertThat(decide(20, 10)).isInstanceOf(Decision.Stay.class);
    assertThat(decide(19, 10)).isEqualTo(new Decision.Down(List.of("x", "y", "z")));
    assertThat(ScaleRule.decide(0, 10, List.of(), ScaleConfig.DEFAULT))
        .isInstanceOf(Decision.Stay.class);
  }

  @Test
  void theLeastNumberOfNodesStays() {
    assertThat(decide(0, 3)).isEqualTo(new Decision.Down(List.of("x")));
    assertThat(decide(0, 2)).isInstanceOf(Decision.Stay.class);
  }

  @Test
  void anIntervalOfZeroIsRefused() {
    var second = Duration.ofSeconds(1);
    assertThatThrownBy(() -> new ScaleConfig(Duration.ZERO, 10, 2, 2, 20, second, 3))
        .hasMessageContaining("scaling.interval");
  }

  @Test
  void boundsThatContradictEachOtherAreRefused() {
    var second = Duration.ofSeconds(1);
    assertThatThrownBy(() -> new ScaleConfig(second, 10, 2, 5, 4, second, 3))
        .hasMessageContaining("scaling.max_nodes");
  }
}
