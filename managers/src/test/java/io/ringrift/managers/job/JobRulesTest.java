package io.ringrift.managers.job;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringrift.job.v1.JobSpec;
import org.junit.jupiter.api.Test;

final class JobRulesTest {
  @Test
  void gamesAreOneToAMillion() {
    assertThatThrownBy(() -> JobRules.games(0)).hasMessageContaining("1 to 1000000");
    assertThatThrownBy(() -> JobRules.games(1_000_000_000)).hasMessageContaining("1 to 1000000");
    assertThatCode(() -> JobRules.games(1)).doesNotThrowAnyException();
  }

  @Test
  void boardsAreTheSpecsAndHexFiveToEleven() {
    for (String board : new String[] {"square8", "hexagonal", "hex5", "hex8", "hex11"}) {
      assertThatCode(() -> JobRules.board(board)).doesNotThrowAnyException();
    }
    for (String board : new String[] {"hex4", "hex12", "hex", "", "HEX8", "square9"}) {
      assertThatThrownBy(() -> JobRules.board(board)).hasMessageContaining("board_type");
    }
  }

  @Test
  void modePlayersAndTimeoutAreChecked() {
    assertThatThrownBy(() -> JobRules.check(JobSpec.newBuilder().setEngineMode("chess").build()))
        .hasMessageContaining("engine_mode");
    assertThatThrownBy(() -> JobRules.check(JobSpec.newBuilder().setNumPlayers(5).build()))
        .hasMessageContaining("num_players");
    assertThatThrownBy(
            () ->
                JobRules.check(
                    JobSpec.newBuilder()
                        .setTimeout(com.google.protobuf.Duration.getDefaultInstance())
                        .build()))
        .hasMessageContaining("timeout");
  }
}
