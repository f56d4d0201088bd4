package io.ringrift.chaos.check;

import static io.ringrift.chaos.check.Story.answer;
import static org.assertj.core.api.Assertions.assertThat;

import io.ringrift.chaos.history.Kind;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// A checker that saw nothing to judge says so, and never that something was kept.
final class NothingToJudgeTest {
  /// Of these the absence is what is looked for.
  private static final List<String> ABSENCE = List.of("NothingIsLeftBehind");

  @Test
  void nothingIsKeptInARunOfWhichNothingIsKnown() {
    assertThat(Verdict.of(new Story().evidence(), List.of()).results())
        .filteredOn(result -> result.status() == Status.KEPT)
        .extracting(Result::name)
        .containsExactlyElementsOf(ABSENCE);
  }

  private static Story claimed() {
    return new Story().submit("a", 1, 2).claim("w", "a", 1, 3, 4);
  }

  static Stream<Arguments> idle() {
    return Stream.of(
        Arguments.of(new LeasesAreKept(), claimed()),
        Arguments.of(
            new LeadershipEndsWithItsLease(), new Story().leader(1, "n1", 1).leader(2, "n1", 1)),
        Arguments.of(
            new NothingOfTheDeposed(),
            new Story().leader(1, "n1", 3).effect(2, "n2", "j", 1, 3, "start")),
        Arguments.of(new ReadsAreLinearizable(), claimed()),
        Arguments.of(
            new ReadsAreLinearizable(), claimed().old("n2", answer("a", "PENDING", 0, ""), 5, 6)),
        Arguments.of(new CancelledJobsDoNotStart(), claimed().effect(2, "n2", "j", 1, 3, "start")),
        Arguments.of(
            new LateOrdersAreRefused(),
            new Story().audit(1, "n1", "effect-accepted", 1, "effect", "spawn")),
        Arguments.of(new EffectsHappenOnce(), claimed()),
        Arguments.of(
            new NothingAcknowledgedIsLost(),
            new Story().ok("w", Kind.CLAIM, "", 0, "", answer("", "", 0, ""), 1, 2)),
        Arguments.of(
            new SmallLossesUnseatNobody(),
            new Story().leader(1, "n1", 1).fault("kill", 2, 4, true, "n1 killed", "n1")),
        Arguments.of(
            new WhoCannotLeadStepsDown(),
            new Story().expect(5, 0).leader(1, "n1", 1).fault("isolate", 2, 4, true, "9", "n1")),
        Arguments.of(
            new FaultsAreDetectedInTime(),
            new Story().expect(5, 0).leader(1, "n1", 1).fault("cut", 2, 9, false, "9", "n2>n3")),
        Arguments.of(new DamageIsTold(), new Story().event(1, "n1", "KILLED", 0, "")),
        Arguments.of(new DamageIsTold(), new Story().event(1, "n1", "DAMAGED", 0, "snapshots")),
        Arguments.of(
            new EpochsNeverFall(), new Story().leader(1, "n1", 1).follower(1, "n2", 1, "n1")),
        Arguments.of(
            new CancelledJobsDoNotStart(),
            new Story()
                .ok("c", Kind.CANCEL_JOB, "j", 0, "", answer("j", "CANCELLED", 0, ""), 5, 6)));
  }

  @ParameterizedTest(name = "{index} {0}")
  @MethodSource("idle")
  void whatARunDoesNotTouchIsNotCalledKept(Check check, Story story) {
    Result result = check.judge(story.evidence());
    assertThat(result.status()).as(result.evidence()).isEqualTo(Status.NOT_CONCERNED);
  }
}
