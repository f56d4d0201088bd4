package io.ringrift.chaos.check;

import static io.ringrift.chaos.check.Story.answer;
import static org.assertj.core.api.Assertions.assertThat;

import io.ringrift.chaos.history.Answer;
import io.ringrift.chaos.history.Kind;
import io.ringrift.chaos.history.Operation;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// What reads of jobs may show behind what was told of them.
final class JobReadsTest {
  private static Story spawned() {
    return new Story().ok("c", Kind.SPAWN, "j", 0, "p", Answer.done("j"), 1, 2);
  }

  private static Story read(Story story, String state, long token, double from, double to) {
    return story.ok(
        "r", Kind.READ_JOB, "j", 0, "linearizable", answer("j", state, token, "n1"), from, to);
  }

  private static Story cancelled(String state, String text) {
    return spawned()
        .ok("c", Kind.CANCEL_JOB, "j", 0, "", new Answer("j", state, 1, "n1", text), 3, 4);
  }

  static Stream<Arguments> broken() {
    return Stream.of(
        Arguments.of(read(spawned(), "ABSENT", 0, 3, 4), "was there and is not"),
        Arguments.of(
            read(read(spawned(), "COMPLETE", 1, 3, 4), "RUNNING", 1, 5, 6),
            "had ended and is RUNNING"),
        Arguments.of(
            read(cancelled("CANCELLED", ""), "PENDING", 0, 5, 6), "had ended and is PENDING"),
        Arguments.of(
            read(cancelled("RUNNING", Operation.CANCEL_REQUESTED), "RUNNING", 1, 5, 6),
            "was to be cancelled and does not know it"),
        Arguments.of(
            read(read(spawned(), "RUNNING", 4, 3, 4), "RUNNING", 3, 5, 6),
            "is in an attempt from before"),
        Arguments.of(
            read(read(spawned(), "RUNNING", 4, 3, 4), "CLAIMED", 4, 5, 6),
            "went back in its attempt"));
  }

  @ParameterizedTest(name = "{index} {1}")
  @MethodSource("broken")
  void whatIsOlderThanWhatWasToldIsFound(Story story, String told) {
    Result result = new JobReadsAreLinearizable().judge(story.evidence());
    assertThat(result.status()).isEqualTo(Status.VIOLATED);
    assertThat(result.findings())
        .singleElement()
        .satisfies(
            f -> {
              assertThat(f.text()).contains(told).contains("READ_JOB (linearizable)");
              assertThat(f.operations()).hasSize(2);
            });
  }

  static Stream<Story> kept() {
    return Stream.of(
        read(read(spawned(), "PENDING", 0, 3, 4), "COMPLETE", 1, 5, 6),
        // The order did not arrive, and another node has it now.
        read(read(read(spawned(), "CLAIMED", 1, 3, 4), "PENDING", 0, 5, 6), "CLAIMED", 2, 7, 8),
        read(read(spawned(), "LOST", 1, 3, 4), "RUNNING", 1, 5, 6),
        read(cancelled("RUNNING", Operation.CANCEL_REQUESTED), "COMPLETE", 1, 5, 6),
        // Beside the answer either may be shown.
        read(cancelled("CANCELLED", ""), "RUNNING", 1, 3.5, 6),
        read(spawned(), "ABSENT", 0, 1.5, 4));
  }

  @ParameterizedTest(name = "{index}")
  @MethodSource("kept")
  void whatMayFollowIsKept(Story story) {
    Result result = new JobReadsAreLinearizable().judge(story.evidence());
    assertThat(result.status()).as(result.findings().toString()).isEqualTo(Status.KEPT);
  }

  @Test
  void readsThatMayBeOldAreNotCompared() {
    Story story =
        spawned()
            .ok("r", Kind.READ_JOB, "j", 0, Operation.STALE, answer("j", "ABSENT", 0, ""), 3, 4);
    assertThat(new JobReadsAreLinearizable().judge(story.evidence()).status())
        .isEqualTo(Status.NOT_CONCERNED);
  }
}
