package io.ringrift.managers.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringrift.job.v1.JobSpec;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class PlaceholdersTest {
  private final WorkloadTemplate template =
      WorkloadTemplate.of("w", "selfplay", "run", "--games={games}", "{level}");

  @Test
  void valueIsPutInAsItIsWhateverItSays() {
    assertThat(Placeholders.fill("a {level} b", Map.of("level", "$(rm -rf) {games} \\1")))
        .isEqualTo("a $(rm -rf) {games} \\1 b");
  }

  @Test
  void placeholderWithoutAValueIsNamed() {
    assertThatThrownBy(() -> Placeholders.fill("{nope}", Map.of())).hasMessageContaining("{nope}");
  }

  @Test
  void parameterThatTheTemplateDoesNotKnowIsNamed() {
    assertThatThrownBy(() -> Placeholders.merged(template, Map.of(), Map.of("bogus", "1")))
        .hasMessageContaining("params.bogus");
  }

  @Test
  void parameterCannotTakeTheNameOfABuiltInValue() {
    assertThatThrownBy(
            () -> Placeholders.merged(template, Map.of("games", "5"), Map.of("games", "9")))
        .hasMessageContaining("params.games");
  }

  @Test
  void jobThatLeavesABuiltInValueOpenIsRefusedByName() {
    var template = WorkloadTemplate.of("play", "selfplay", "play", "{board}", "{job_id}");
    assertThatThrownBy(() -> CommandLine.requireValues(template, JobSpec.getDefaultInstance()))
        .hasMessageContaining("{board}");
    CommandLine.requireValues(template, JobSpec.newBuilder().setBoardType("hex8").build());
  }
}
