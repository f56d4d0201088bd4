package io.ringrift.managers.job;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringrift.job.v1.InputFile;
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
  void inputsAreNamedByFieldValueAndRule() {
    String sha = "0a".repeat(32);
    assertThatCode(() -> JobRules.check(input("games/a b.db", sha))).doesNotThrowAnyException();
    for (String path :
        new String[] {"", "/etc/passwd", "../x", "a/../b", "a//b", "a/./b", "a\\b", "a\nb", "a/"}) {
      assertThatThrownBy(() -> JobRules.check(input(path, sha)))
          .hasMessageContaining("inputs[0].path")
          .hasMessageContaining("relative to the data root");
    }
    for (String hash : new String[] {"", "0a", "0A".repeat(32), "0g".repeat(32)}) {
      assertThatThrownBy(() -> JobRules.check(input("a.db", hash)))
          .hasMessageContaining("inputs[0].sha256")
          .hasMessageContaining("64 lower-case hex digits");
    }
  }

  @Test
  void inputsAreFewShortAndNamedOnce() {
    var spec = JobSpec.newBuilder();
    for (int i = 0; i < 256; i++) {
      spec.addInputs(input("a" + i, "0a".repeat(32)).getInputs(0));
    }
    assertThatCode(() -> JobRules.check(spec.build())).doesNotThrowAnyException();
    assertThatThrownBy(() -> JobRules.check(spec.clone().addInputs(spec.getInputs(0)).build()))
        .hasMessageContaining("257 files");
    assertThatThrownBy(() -> JobRules.check(spec.clone().setInputs(7, spec.getInputs(0)).build()))
        .hasMessageContaining("inputs[7].path")
        .hasMessageContaining("named once");
    var far = spec.clone().clearInputs();
    for (int i = 0; i < 33; i++) {
      far.addInputs(input("x".repeat(1000) + i, "0a".repeat(32)).getInputs(0));
    }
    assertThatThrownBy(() -> JobRules.check(far.build())).hasMessageContaining("in all");
  }

  private static JobSpec input(String path, String sha256) {
    return JobSpec.newBuilder()
        .addInputs(InputFile.newBuilder().setPath(path).setSha256(sha256))
        .build();
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
