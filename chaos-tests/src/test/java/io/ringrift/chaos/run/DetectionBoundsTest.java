package io.ringrift.chaos.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringrift.chaos.evidence.Expectations;
import io.ringrift.chaos.scenario.GroundKind;
import io.ringrift.chaos.scenario.Scenario;
import io.ringrift.chaos.scenario.Scenarios;
import io.ringrift.kernel.Timing;
import io.ringrift.kernel.boot.KernelConfig.ConsensusMode;
import io.ringrift.kernel.boot.KernelConfig.MembershipMode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class DetectionBoundsTest {
  @TempDir private Path folder;

  private static Expectations of(String name, MembershipMode mode) {
    Scenario scenario = Scenarios.of(name);
    return DetectionBounds.of(
        new RunPlan(scenario, GroundKind.PROCESS, ConsensusMode.BULLY, mode, 1, Duration.ZERO, 1));
  }

  private Expectations written(String timing, String expect) throws IOException {
    Path file = folder.resolve("mine.yaml");
    Files.writeString(
        file,
        """
        name: mine
        description: of a user's own
        not_on: {netns: a test, sim: a test}
        timing: %s
        faults:
          - {kind: isolate, at: 1s, for: 9s, targets: leader}
        expect: {%s}
        """
            .formatted(timing, expect));
    return of(file.toString(), MembershipMode.HTTP);
  }

  @Test
  void itIsToldWhetherTheRunnerItselfHasToLookAtSomething() throws IOException {
    assertThat(written("lan", "").more()).isFalse();
    assertThat(written("lan", "new_leader: true").more()).isTrue();
    assertThat(written("lan", "same_epoch: true").more()).isTrue();
    assertThat(written("lan", "}\nworkers: 1\nload: {kinds: [jobs]").more()).isTrue();
  }

  /// A bound that no fault outlasts checks nothing.
  @ParameterizedTest
  @EnumSource(MembershipMode.class)
  void faultsOfTheSuiteOutlastTheBounds(MembershipMode mode) {
    for (String name : new String[] {"isolate-leader", "majority-minority", "pause-leader"}) {
      Scenario scenario = Scenarios.of(name);
      assertThat(scenario.grounds()).contains(GroundKind.PROCESS);
      var bounds = of(name, mode);
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
    var bounds = of("isolate-leader", mode);
    assertThat(bounds.missWithin()).isGreaterThan(Timing.local().deadAfter().multipliedBy(2));
    assertThat(bounds.detectWithin()).isGreaterThan(Timing.local().lease().multipliedBy(2));
    assertThat(bounds.stepDownWithin()).isGreaterThan(Timing.local().lease());
    assertThat(bounds.recoverWithin())
        .isGreaterThan(bounds.missWithin().plus(Timing.local().lease().multipliedBy(2)));
  }

  @Test
  void slowerTimingHasLongerBounds() throws IOException {
    var slow = written("wan", "new_leader: true");
    assertThat(slow.missWithin()).isGreaterThan(Duration.ofMinutes(2));
    assertThat(slow.detectWithin()).isGreaterThan(Duration.ofMinutes(2));
    assertThat(slow.recoverWithin()).isGreaterThan(Duration.ofMinutes(4));
  }

  /// What takes a process to start is not allowed for where none is started.
  @Test
  void recoveryFromLinkFaultsIsNearAndFromKillsAStartLater() {
    assertThat(of("isolate-leader", MembershipMode.HTTP).recoverWithin())
        .isLessThan(Duration.ofSeconds(15));
    assertThat(of("kill-leader", MembershipMode.HTTP).recoverWithin())
        .isBetween(Duration.ofSeconds(15), Duration.ofSeconds(30));
  }

  @Test
  void whatAFileSaysIsTheBound() throws IOException {
    var told = written("local", "leader_within: 7s, served: true, late_order: true");
    assertThat(told.leadWithin()).isEqualTo(Duration.ofSeconds(7));
    assertThat(told.recoverWithin())
        .isEqualTo(of("isolate-leader", MembershipMode.HTTP).recoverWithin());
    assertThat(told.serves()).isTrue();
    assertThat(told.lateOrder()).isTrue();
    var other = written("local", "recovered_within: 90s");
    assertThat(other.recoverWithin()).isEqualTo(Duration.ofSeconds(90));
    assertThat(other.leadWithin()).isEqualTo(other.detectWithin());
    assertThat(other.serves()).isFalse();
  }
}
