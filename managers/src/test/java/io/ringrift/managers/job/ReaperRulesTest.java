package io.ringrift.managers.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// SPEC 6, JobReaper and SelfHealing; SPEC 14, job loops.
final class ReaperRulesTest {
  private static final long NOW = 1_000_000_000L;
  private static final ReaperConfig CONFIG = ReaperConfig.DEFAULT;

  private static ReaperRules.Row row(String id, String type, ReaperRules.Phase phase, long age) {
    return new ReaperRules.Row(id, type, phase, NOW - age * 1000, Duration.ZERO, false);
  }

  private static List<ReaperRules.Reap> reap(ReaperRules.Row... rows) {
    return ReaperRules.of(List.of(rows), NOW, CONFIG);
  }

  @Test
  void staleStuckAndAbandonedJobsAreToldApart() {
    assertThat(
            reap(
                row("a", "selfplay", ReaperRules.Phase.CLAIMED, 1201),
                row("b", "selfplay", ReaperRules.Phase.RUNNING, 7201),
                row("c", "selfplay", ReaperRules.Phase.LOST, 1202)))
        .extracting(ReaperRules.Reap::jobId, ReaperRules.Reap::fault)
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple("b", ReaperRules.Fault.STUCK),
            org.assertj.core.groups.Tuple.tuple("c", ReaperRules.Fault.ABANDONED),
            org.assertj.core.groups.Tuple.tuple("a", ReaperRules.Fault.STALE));
  }

  @Test
  void eachTypeHasItsOwnThreshold() {
    Map.of(
            "gpu_gumbel", 2400,
            "gpu_policy", 1200,
            "gpu_selfplay", 1800,
            "training", 3600,
            "evaluation", 1200,
            "cpu_heuristic", 1800,
            "cpu_gumbel", 1200,
            "selfplay", 1200,
            "another", 3600)
        .forEach(
            (type, seconds) -> {
              assertThat(reap(row("j", type, ReaperRules.Phase.CLAIMED, seconds))).isEmpty();
              assertThat(reap(row("j", type, ReaperRules.Phase.CLAIMED, seconds + 1))).hasSize(1);
            });
  }

  @Test
  void aRoundNeverReapsMoreThanTenAndTakesTheOldest() {
    var rows =
        IntStream.range(0, 25)
            .mapToObj(i -> row("j" + i, "selfplay", ReaperRules.Phase.CLAIMED, 2000 + i))
            .toList();
    assertThat(ReaperRules.of(rows, NOW, CONFIG))
        .hasSize(10)
        .first()
        .extracting(ReaperRules.Reap::jobId)
        .isEqualTo("j24");
  }

  @Test
  void aJobWhoseTimeIsUnknownIsNotStale() {
    assertThat(
            reap(
                new ReaperRules.Row(
                    "j", "selfplay", ReaperRules.Phase.CLAIMED, 0, Duration.ZERO, false)))
        .isEmpty();
  }

  @Test
  void trainingMayRunForADay() {
    assertThat(reap(row("t", "training", ReaperRules.Phase.RUNNING, 86_400))).isEmpty();
    assertThat(reap(row("t", "training", ReaperRules.Phase.RUNNING, 86_401))).hasSize(1);
  }

  @Test
  void aJobsOwnLongerTimeoutGoesBeforeTheThreshold() {
    var patient =
        new ReaperRules.Row(
            "j",
            "selfplay",
            ReaperRules.Phase.RUNNING,
            NOW - 9_000_000,
            Duration.ofSeconds(10_000),
            false);
    assertThat(reap(patient)).isEmpty();
  }

  @Test
  void aCancelOnItsWayIsNotRepeated() {
    var cancelled =
        new ReaperRules.Row("j", "selfplay", ReaperRules.Phase.RUNNING, 1, Duration.ZERO, true);
    assertThat(reap(cancelled)).isEmpty();
  }

  @Test
  void aJobIsGivenUpAfterOneAndAHalfTimeouts() {
    var timeout = Duration.ofSeconds(100);
    var late =
        new ReaperRules.Row(
            "late", "selfplay", ReaperRules.Phase.RUNNING, NOW - 150_001, timeout, true);
    var inTime =
        new ReaperRules.Row(
            "in time", "selfplay", ReaperRules.Phase.RUNNING, NOW - 150_000, timeout, false);
    assertThat(ReaperRules.overrun(List.of(late, inTime), NOW, CONFIG)).containsExactly(late);
  }

  @Test
  void aThresholdOfZeroIsRefused() {
    assertThatThrownBy(
            () ->
                new ReaperConfig(
                    10,
                    Duration.ofHours(1),
                    Map.of("selfplay", Duration.ZERO),
                    Duration.ofHours(2),
                    Map.of(),
                    1.5))
        .hasMessageContaining("reaper.stale_by_type.selfplay");
  }
}
