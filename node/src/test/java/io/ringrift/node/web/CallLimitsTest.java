package io.ringrift.node.web;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Which calls may take long.
class CallLimitsTest {
  private static final Duration SHORT = Duration.ofSeconds(40);
  private static final Duration LONG = Duration.ofMinutes(10);

  private final CallLimits limits = new CallLimits(List.of(), SHORT, LONG);

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/ringrift.state.v1.VoterService/AddVoter",
        "/ringrift.state.v1.VoterService/RemoveVoter",
        "/ringrift.state.v1.ModeService/SwitchMode",
        "/v1/cluster/voters:add",
        "/v1/cluster/voters:remove",
        "/v1/cluster:switchMode",
        "/v1/sync:run"
      })
  void changeOfTheClusterMayTakeLong(String path) {
    assertThat(limits.longest(path)).isEqualTo(LONG);
  }

  @Test
  void otherCallsMayNot() {
    assertThat(limits.longest("/ringrift.state.v1.VoterService/ListVoters")).isEqualTo(SHORT);
  }
}
