package io.ringrift.managers.watch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringrift.kernel.time.Moment;
import io.ringrift.managers.watch.IdleDetector.Finding;
import io.ringrift.managers.watch.IdleDetector.Kind;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// SPEC 6, IdleDetection; SPEC 14: idle vs zombie.
final class IdleDetectorTest {
  private final IdleDetector detector = new IdleDetector(IdleConfig.DEFAULT);

  static NodeLoad gpu(String id, double gpuPercent, int selfplay) {
    return new NodeLoad(
        id,
        true,
        false,
        false,
        true,
        gpuPercent,
        10,
        10,
        selfplay,
        0,
        selfplay,
        8,
        Set.of("training"));
  }

  private List<Finding> at(long seconds, NodeLoad... nodes) {
    return detector.step(new Moment(0).plus(Duration.ofSeconds(seconds)), List.of(nodes));
  }

  @Test
  void aGpuNodeWithoutJobsIsIdleAfterAMinute() {
    assertThat(at(0, gpu("a", 9.9, 0))).isEmpty();
    assertThat(at(59, gpu("a", 9.9, 0))).isEmpty();
    assertThat(at(60, gpu("a", 9.9, 0)))
        .containsExactly(new Finding("a", Kind.IDLE, Duration.ofSeconds(60)));
    assertThat(detector.idle()).containsExactly("a");
  }

  @Test
  void aGpuNodeWhoseJobsDoNothingIsAZombieAfterTenMinutes() {
    at(0, gpu("a", 4.9, 3));
    assertThat(at(599, gpu("a", 4.9, 3))).isEmpty();
    assertThat(at(600, gpu("a", 4.9, 3)))
        .containsExactly(new Finding("a", Kind.ZOMBIE, Duration.ofMinutes(10)));
    assertThat(detector.idle()).isEmpty();
  }

  @Test
  void aNodeThatWasBusyBeginsAnew() {
    at(0, gpu("a", 0, 0));
    at(30, gpu("a", 10, 0));
    at(31, gpu("a", 0, 0));
    assertThat(at(90, gpu("a", 0, 0))).isEmpty();
    assertThat(at(91, gpu("a", 0, 0))).hasSize(1);
  }

  @Test
  void aNodeThatWasGoneBeginsAnew() {
    at(0, gpu("a", 0, 0));
    at(30);
    assertThat(at(60, gpu("a", 0, 0))).isEmpty();
    assertThat(at(120, gpu("a", 0, 0))).hasSize(1);
  }

  @Test
  void aFindingIsNotRepeatedWithinTheCooldown() {
    at(0, gpu("a", 0, 0));
    assertThat(at(60, gpu("a", 0, 0))).hasSize(1);
    assertThat(at(179, gpu("a", 0, 0))).isEmpty();
    assertThat(at(180, gpu("a", 0, 0))).hasSize(1);
  }

  @Test
  void aNodeWithoutCudaIsNeverIdle() {
    var cpu = new NodeLoad("c", true, false, false, false, 0, 0, 0, 0, 0, 0, 8, Set.of("training"));
    at(0, cpu);
    assertThat(at(1000, cpu)).isEmpty();
  }

  @Test
  void aClusterThatIsIdleAsAWholeIsToldAndKeepsItsLeastNodes() {
    NodeLoad[] all = {gpu("a", 0, 0), gpu("b", 0, 0), gpu("c", 0, 0)};
    at(0, all);
    assertThat(at(60, all)).hasSize(3);
    assertThat(detector.idle()).hasSize(3);
    assertThat(detector.spare()).hasSize(1);
  }

  @Test
  void anIntervalOfZeroIsRefused() {
    assertThatThrownBy(
            () ->
                new IdleConfig(
                    Duration.ZERO,
                    10,
                    Duration.ofMinutes(1),
                    5,
                    Duration.ofMinutes(1),
                    Duration.ZERO,
                    2))
        .hasMessageContaining("idle.interval");
  }
}
