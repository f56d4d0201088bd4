package io.ringrift.managers.watch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringrift.kernel.time.Moment;
import io.ringrift.managers.watch.SplitBrainDetector.Claim;
import io.ringrift.managers.watch.SplitBrainDetector.Finding;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/// SPEC 3.6 and 6, SplitBrainDetection.
final class SplitBrainDetectorTest {
  private static final Claim OLD = new Claim("n1", true, 4);
  private static final Claim NEW = new Claim("n2", true, 5);
  private static final Claim FOLLOWER = new Claim("n3", false, 5);

  private final SplitBrainDetector detector =
      new SplitBrainDetector(SplitBrainConfig.DEFAULT, "n9");

  private List<Finding> at(long seconds, Claim... claims) {
    return detector.step(new Moment(0).plus(Duration.ofSeconds(seconds)), 3, List.of(claims));
  }

  @Test
  void oneLeaderIsNoFinding() {
    assertThat(at(0, NEW, FOLLOWER)).isEmpty();
    assertThat(detector.counters())
        .containsEntry("checks_performed", 1L)
        .containsEntry("last_leaders_seen", 1L)
        .containsEntry("partition_active", 0L);
  }

  @Test
  void twoLeadersAreDetectedOnceAndTheGreaterEpochIsCanonical() {
    assertThat(at(0, OLD, NEW, FOLLOWER))
        .containsExactly(new Finding.Detected(List.of(NEW, OLD), "n2", false));
    assertThat(at(60, OLD, NEW)).isEmpty();
    assertThat(detector.counters())
        .containsEntry("detections", 1L)
        .containsEntry("partition_active", 1L)
        .containsEntry("partition_duration_seconds", 60L)
        .containsEntry("last_leaders_seen", 2L);
  }

  @Test
  void twoLeadersOfOneEpochBreakAnInvariantAndTheLowestIdIsNamed() {
    var twin = new Claim("n0", true, 5);
    assertThat(at(0, NEW, twin))
        .containsExactly(new Finding.Detected(List.of(twin, NEW), "n0", true));
  }

  @Test
  void aLeaderStepsDownForAnotherOfItsOwnEpochOnly() {
    var self = new Claim("n9", true, 5);
    assertThat(at(0, self, OLD)).doesNotContain(new Finding.StepDown());
    assertThat(at(60, self, OLD, NEW)).containsExactly(new Finding.StepDown());
    assertThat(at(120, self)).contains(new Finding.Resolved(Duration.ofMinutes(2)));
  }

  @Test
  void aPartitionIsAlertedOnceAfterTenMinutes() {
    at(0, OLD, NEW);
    assertThat(at(599, OLD, NEW)).isEmpty();
    assertThat(at(600, OLD, NEW))
        .containsExactly(new Finding.Alert(List.of(NEW, OLD), Duration.ofMinutes(10)));
    assertThat(at(660, OLD, NEW)).isEmpty();
    assertThat(detector.overdue()).isTrue();
    assertThat(detector.counters()).containsEntry("partition_alert_emitted", 1L);
  }

  @Test
  void aHealIsToldAndFollowedByOneResyncAfterAMinute() {
    at(0, OLD, NEW);
    assertThat(at(90, NEW)).containsExactly(new Finding.Resolved(Duration.ofSeconds(90)));
    assertThat(at(149, NEW)).isEmpty();
    assertThat(at(150, NEW)).containsExactly(new Finding.Resync());
    assertThat(at(210, NEW)).isEmpty();
    assertThat(detector.active()).isFalse();
  }

  @Test
  void aPartitionThatComesAgainIsDetectedAgain() {
    at(0, OLD, NEW);
    at(60, NEW);
    assertThat(at(70, OLD, NEW)).hasSize(1);
    assertThat(detector.counters()).containsEntry("detections", 2L);
  }

  @Test
  void tooFewPeersAreCountedAsACheckAndNothingElse() {
    assertThat(detector.step(new Moment(0), 2, List.of(OLD, NEW))).isEmpty();
    assertThat(detector.counters())
        .containsEntry("checks_performed", 1L)
        .containsEntry("detections", 0L);
  }

  @Test
  void anIntervalOfZeroIsRefused() {
    var second = Duration.ofSeconds(1);
    assertThatThrownBy(() -> new SplitBrainConfig(Duration.ZERO, second, second, 3, second, second))
        .hasMessageContaining("split_brain.interval");
  }

  @Test
  void fewerThanOnePeerIsRefused() {
    var second = Duration.ofSeconds(1);
    assertThatThrownBy(() -> new SplitBrainConfig(second, second, second, 0, second, second))
        .hasMessageContaining("split_brain.min_peers");
  }
}
