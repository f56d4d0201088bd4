package io.ringrift.chaos.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringrift.chaos.scenario.FaultKind;
import io.ringrift.chaos.scenario.GroundKind;
import io.ringrift.chaos.scenario.Scenarios;
import io.ringrift.kernel.boot.KernelConfig.ConsensusMode;
import io.ringrift.kernel.boot.KernelConfig.MembershipMode;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class RunPlanTest {
  private static RunPlan plan(String scenario, ConsensusMode mode) {
    return new RunPlan(
        Scenarios.of(scenario), GroundKind.PROCESS, mode, MembershipMode.HTTP, 1, Duration.ZERO, 1);
  }

  @ParameterizedTest
  @CsvSource({"BULLY,raft,hybrid", "RAFT,bully,hybrid", "HYBRID,bully,raft"})
  void otherModesAreThoseThatTheRunDoesNotHave(ConsensusMode mode, String other, String another) {
    assertThat(plan("other-mode", mode).schedule())
        .extracting(fault -> fault.text("value"))
        .containsExactly(other, another);
    assertThat(plan("switch-in-partition", mode).schedule())
        .filteredOn(fault -> fault.kind() == FaultKind.SWITCH_MODE)
        .extracting(fault -> fault.text("mode"))
        .containsExactly(other, another);
  }

  @Test
  void everyModeHasAVerdictOfTheScenariosThatChangeIt() {
    for (String scenario : List.of("other-mode", "switch-in-partition")) {
      assertThat(Scenarios.of(scenario).modes()).containsExactlyInAnyOrder(ConsensusMode.values());
    }
  }
}
