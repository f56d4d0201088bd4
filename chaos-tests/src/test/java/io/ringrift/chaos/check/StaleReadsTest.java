package io.ringrift.chaos.check;

import static io.ringrift.chaos.check.Story.answer;
import static org.assertj.core.api.Assertions.assertThat;

import io.ringrift.chaos.history.Answer;
import io.ringrift.chaos.history.Kind;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// Reads that may be old have rules of their own.
final class StaleReadsTest {
  private static Story claimed() {
    return new Story().submit("a", 1, 2).claim("w", "a", 1, 3, 4);
  }

  private static Story completed() {
    return claimed().complete("w", "a", 1, "x", 5, 6);
  }

  private static Answer pending(long index) {
    return answer("a", "PENDING", 0, "").at(index);
  }

  private static Answer held(String state, long index) {
    return answer("a", state, 1, "w").at(index);
  }

  private static Answer done(String result, long index) {
    return new Answer("a", "COMPLETED", 1, "w", result, index);
  }

  private static Answer absent() {
    return answer("a", "ABSENT", 0, "");
  }

  static Stream<Arguments> broken() {
    return Stream.of(
        Arguments.of(
            claimed()
                .fault("full_disk", 1, 2, false, "no room", "n3")
                .old("n2", pending(9), 5, 6)
                .old("n2", pending(8), 7, 8),
            "n2 went back from index 9 to 8"),
        Arguments.of(
            claimed().old("n2", pending(9), 5, 6).old("n2", absent(), 7, 8),
            "n2 had a and has it no more"),
        Arguments.of(
            claimed().old("n2", pending(9), 5, 6).old("n3", held("CLAIMED", 9), 7, 8),
            "two things are told of one index"),
        Arguments.of(
            completed().old("n2", done("x", 9), 7, 8).old("n3", held("CLAIMED", 12), 7, 8),
            "what had ended is something else at a later index"),
        Arguments.of(
            claimed()
                .ok("w", Kind.RELEASE, "a", 1, "", answer("a", "PENDING", 0, ""), 5, 6)
                .old("n2", held("CLAIMED", 5), 7, 8)
                .old("n3", pending(6), 7, 8)
                .old("n2", held("CLAIMED", 7), 9, 10),
            "a claim that was over holds at a later index"),
        Arguments.of(
            claimed().old("n2", done("x", 9), 7, 8), "nobody had asked for what was shown"),
        Arguments.of(
            claimed().old("n2", done("x", 9), 5, 6).complete("w", "a", 1, "x", 7, 8),
            "nobody had asked for what was shown"),
        Arguments.of(completed().old("n2", done("y", 9), 7, 8), "nobody had asked"),
        Arguments.of(
            claimed().old("n2", answer("a", "CLAIMED", 1, "v").at(9), 5, 6), "nobody had asked"),
        Arguments.of(
            claimed().old("n2", answer("a", "CLAIMED", 2, "w").at(9), 5, 6), "nobody had asked"),
        Arguments.of(claimed().old("n2", held("RUNNING", 9), 5, 6), "nobody had asked"),
        Arguments.of(claimed().old("n2", held("FAILED", 9), 5, 6), "nobody had asked"),
        Arguments.of(claimed().old("n2", held("CANCELLED", 9), 5, 6), "nobody had asked"));
  }

  @ParameterizedTest(name = "{index} {1}")
  @MethodSource("broken")
  void whatIsOfNoPastIsTold(Story story, String told) {
    Result result = new StaleReadsAreOfThePast().judge(story.evidence());
    assertThat(result.status()).isEqualTo(Status.VIOLATED);
    assertThat(result.findings().getFirst().text()).contains(told);
  }

  static Stream<Arguments> kept() {
    return Stream.of(
        Arguments.of(completed().old("n2", pending(4), 7, 8).old("n3", done("x", 9), 7, 8)),
        // Of two that overlap the one that was told later may be the older one.
        Arguments.of(claimed().old("n2", pending(9), 5, 7).old("n2", pending(8), 6, 8)),
        Arguments.of(
            claimed()
                .old("n2", pending(9), 5, 6)
                .event(6.5, "n2", "STARTED", 0, "")
                .old("n2", absent(), 7, 8)
                .old("n2", pending(8), 9, 10)),
        Arguments.of(
            claimed().old("n2", pending(9), 5, 6).down(6.5, "n2").old("n2", pending(8), 7, 8)),
        Arguments.of(
            claimed()
                .old("n2", pending(9), 5, 6)
                .fault("full_disk", 1, 2, false, "no room", "n2")
                .old("n2", pending(8), 7, 8)),
        // Another node, another copy.
        Arguments.of(claimed().old("n2", pending(9), 5, 6).old("n3", absent(), 7, 8)),
        Arguments.of(
            new Story()
                .submit("a", 1, 2)
                .unknown("w", Kind.CLAIM, "", 0, "", 3)
                .old("n2", held("CLAIMED", 9), 5, 6)),
        Arguments.of(
            claimed()
                .ok("w", Kind.START, "a", 1, "", answer("a", "RUNNING", 1, "w"), 5, 6)
                .old("n2", held("RUNNING", 9), 7, 8)),
        Arguments.of(
            claimed()
                .unknown("c", Kind.CANCEL, "a", 0, "", 5)
                .old("n2", held("CANCELLED", 9), 7, 8)),
        // Nobody recorded how it came to be what it is.
        Arguments.of(new Story().old("n2", done("z", 9), 7, 8)));
  }

  @ParameterizedTest(name = "{index}")
  @MethodSource("kept")
  void whatWasOnceSoIsKept(Story story) {
    Result result = new StaleReadsAreOfThePast().judge(story.evidence());
    assertThat(result.findings()).isEmpty();
    assertThat(result.status()).as(result.evidence()).isEqualTo(Status.KEPT);
  }

  @Test
  void howOldTheyWereIsMeasuredAndTold() {
    Story story = completed().old("n2", pending(4), 8, 9).old("n3", done("x", 9), 8, 9);
    assertThat(new StaleReadsAreOfThePast().judge(story.evidence()).evidence())
        .isEqualTo("2 reads at 2 nodes; the oldest was 2.000 s behind what clients had been told");
  }

  @Test
  void readsThatAreNotOldOrOfAnotherLogShowNothing() {
    Story other =
        claimed().fault("switch_mode", 4, 5, false, "raft", "n1").old("n2", absent(), 6, 7);
    for (Story story : java.util.List.of(claimed().read("a", "CLAIMED", 1, "w", 5, 6), other)) {
      assertThat(new StaleReadsAreOfThePast().judge(story.evidence()).status())
          .isEqualTo(Status.NOT_CONCERNED);
    }
  }

  @Test
  void readsAtTheLeaderHaveToBeAsNewAsThoseOfNow() {
    Story story =
        completed().ok("r", Kind.READ, "a", 0, "leader", answer("a", "CLAIMED", 1, "w"), 7, 8);
    Result result = new ReadsAreLinearizable().judge(story.evidence());
    assertThat(result.status()).isEqualTo(Status.VIOLATED);
    assertThat(result.findings().getFirst().text()).contains("READ (leader)");
  }
}
