package io.ringrift.chaos.check;

import static io.ringrift.chaos.check.Story.answer;
import static org.assertj.core.api.Assertions.assertThat;

import io.ringrift.chaos.history.Kind;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Answers that there is no work, and what waited meanwhile.
final class EmptyQueuesTest {
  private static Story submitted() {
    return new Story().submit("a", 1, 2);
  }

  private static Story nothing(Story story, double from, double to) {
    return story.ok("v", Kind.CLAIM, "", 0, "", answer("", "", 0, ""), from, to);
  }

  private static Story report(Kind kind, String state) {
    return submitted()
        .claim("w", "a", 1, 3, 4)
        .ok("w", kind, "a", 1, "", answer("a", state, 0, ""), 5, 6);
  }

  static Stream<Story> broken() {
    return Stream.of(
        nothing(submitted(), 3, 4),
        nothing(report(Kind.RELEASE, "PENDING"), 7, 8),
        nothing(report(Kind.FAIL, "PENDING"), 7, 8),
        nothing(
            report(Kind.FAIL, "FAILED")
                .ok("c", Kind.REQUEUE, "a", 0, "", answer("a", "PENDING", 0, ""), 7, 8),
            9,
            10),
        // It holds one of the two.
        nothing(submitted().submit("b", 1, 2).unknown("w", Kind.CLAIM, "", 0, "", 2.5), 3, 4),
        // A claim that was refused holds nothing, nor does a later one.
        nothing(submitted().stale("w", Kind.CLAIM, "", 0, 2, 2.5), 3, 4)
            .unknown("w", Kind.CLAIM, "", 0, "", 9));
  }

  @ParameterizedTest(name = "{index}")
  @MethodSource("broken")
  void whatWaitsForSureIsNoEmptyQueue(Story story) {
    Result result = new EmptyQueuesAreEmpty().judge(story.evidence());
    assertThat(result.status()).isEqualTo(Status.VIOLATED);
    assertThat(result.findings().getFirst().text()).contains("there was no work for v");
  }

  static Stream<Story> kept() {
    return Stream.of(
        // Before, beside and behind the time in which it waits.
        nothing(submitted(), 0.2, 0.5).submit("b", 0.05, 0.1).claim("w", "b", 1, 0.15, 0.3),
        nothing(submitted(), 1.5, 4).submit("b", 0.1, 0.2).claim("w", "b", 1, 0.3, 0.4),
        nothing(submitted().claim("w", "a", 1, 3.5, 5), 3, 4),
        nothing(submitted().claim("w", "a", 1, 1.5, 3), 3.5, 4),
        nothing(submitted().unknown("c", Kind.CANCEL, "a", 0, "", 2.5), 3, 4),
        nothing(report(Kind.FAIL, "FAILED"), 7, 8));
  }

  @ParameterizedTest(name = "{index}")
  @MethodSource("kept")
  void whatMayBeInAHandAccusesNobody(Story story) {
    Result result = new EmptyQueuesAreEmpty().judge(story.evidence());
    assertThat(result.status()).as(result.findings().toString()).isEqualTo(Status.KEPT);
  }

  static Stream<Story> untold() {
    return Stream.of(
        nothing(new Story(), 0.2, 0.5).submit("a", 1, 2),
        nothing(submitted(), 1.5, 4),
        // As many items as such claims, for the rest of the run.
        nothing(nothing(submitted().unknown("w", Kind.CLAIM, "", 0, "", 2.5), 3, 4), 90, 91));
  }

  @ParameterizedTest(name = "{index}")
  @MethodSource("untold")
  void whatCouldNotHaveBeenFoundIsNotCalledKept(Story story) {
    Result result = new EmptyQueuesAreEmpty().judge(story.evidence());
    assertThat(result.status()).isEqualTo(Status.NOT_CONCERNED);
    assertThat(result.evidence()).contains(", 0 of them behind more submits than");
  }

  @Test
  void claimsThatAllFoundWorkShowNothing() {
    Story story = submitted().claim("w", "a", 1, 3, 4);
    assertThat(new EmptyQueuesAreEmpty().judge(story.evidence()).status())
        .isEqualTo(Status.NOT_CONCERNED);
  }
}
