package io.ringrift.chaos.check;

import static io.ringrift.chaos.check.Story.answer;
import static org.assertj.core.api.Assertions.assertThat;

import io.ringrift.chaos.history.Answer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// A follower is killed from 10 s to 20 s, and what it has to have by then is index 50; the bound
/// for coming back is 30 s.
final class LostFollowersTest {
  private static Answer at(long index) {
    return answer("a", "PENDING", 0, "").at(index);
  }

  private static Story watched() {
    Story story = new Story().expect(5, 30).following(1, 60, "n3", 1, "n1");
    for (double time = 1; time < 60; time += 0.4) {
      story.leader(time, "n1", 1);
    }
    return story.old("n1", at(50), 18, 19);
  }

  /// @param every seconds between two writes that are acknowledged
  private static Story killed(double every) {
    Story story = watched().fault("kill", 10, 20, false, "n2 killed", "n2");
    for (double time = 9; time < 30; time += every) {
      story.submit("i" + time, time, time + 0.1);
    }
    return story;
  }

  private static Story back(double from) {
    return killed(1).old("n2", at(50), from, from + 0.5);
  }

  static Stream<Arguments> broken() {
    return Stream.of(
        Arguments.of(
            killed(4).old("n2", at(50), 22, 23),
            "no write was acknowledged for 4.000 s from 13.100 s on, while n2 was killed"),
        Arguments.of(back(52), "had what was known then, index 50, after 32.500 s"),
        Arguments.of(
            killed(1).old("n2", at(49), 90, 91), "had what was known then, index 50, never"),
        Arguments.of(
            back(25).leader(24, "n2", 2),
            "n1 led epoch 1, and n2 led epoch 2 at 24.000 s, when n2 had come back"));
  }

  @ParameterizedTest(name = "{index} {1}")
  @MethodSource("broken")
  void whatAFollowerCostIsTold(Story story, String told) {
    Result result = new LostFollowersStopNothing().judge(story.evidence());
    assertThat(result.status()).as(result.evidence()).isEqualTo(Status.VIOLATED);
    assertThat(result.findings())
        .singleElement()
        .satisfies(finding -> assertThat(finding.text()).contains(told));
  }

  @Test
  void aFollowerThatNobodyReadBehindTheBoundIsNotLate() {
    Story story = killed(1).old("n2", at(49), 35, 36);
    Result result = new LostFollowersStopNothing().judge(story.evidence());
    assertThat(result.status()).as(result.findings().toString()).isEqualTo(Status.UNDECIDED);
  }

  @Test
  void whoLeadsAfterTheNextFaultWasNotUnseatedByWhoCameBack() {
    Story story = back(40).fault("kill", 30, 45, true, "n1 killed", "n1").leader(39, "n3", 2);
    Result result = new LostFollowersStopNothing().judge(story.evidence());
    assertThat(result.status()).as(result.findings().toString()).isEqualTo(Status.KEPT);
  }

  @Test
  void aLossThatCostNothingIsKept() {
    assertThat(new LostFollowersStopNothing().judge(back(25).evidence()))
        .returns(Status.KEPT, Result::status)
        .returns(
            "followers were killed 1 times, 0 of them while others stood still; longest time"
                + " without an acknowledged write 1.000 s of 3.000 s, back after 5.500 s of 30.000"
                + " s at most",
            Result::evidence);
  }

  @Test
  void writesThatStopWhileOthersStandStillAccuseNobody() {
    Story story =
        new Story()
            .expect(5, 30)
            .leader(1, "n1", 1)
            .old("n1", at(50), 18, 19)
            .fault("kill", 10, 20, false, "n2 killed", "n2")
            .old("n2", at(50), 22, 23);
    Result result = new LostFollowersStopNothing().judge(story.evidence());
    assertThat(result.status()).isEqualTo(Status.KEPT);
    assertThat(result.evidence()).contains("1 of them while others stood still");
    assertThat(new LostFollowersStopNothing().judge(story.expect(5, 0).evidence()).status())
        .isEqualTo(Status.NOT_CONCERNED);
  }

  private static Story workerKilled() {
    return watched()
        .following(1, 60, "n2", 1, "n1")
        .fault("kill", 10, 20, false, "w1 killed", "w1");
  }

  @Test
  void aNodeBesideTheVotersHasNoIndexToComeBackToButStopsNothingEither() {
    Story quiet = workerKilled();
    Story served = workerKilled();
    for (double time = 9; time < 30; time += 1) {
      served.submit("i" + time, time, time + 0.1);
    }
    assertThat(new LostFollowersStopNothing().judge(served.evidence()).status())
        .isEqualTo(Status.KEPT);
    assertThat(new LostFollowersStopNothing().judge(quiet.evidence()).findings())
        .singleElement()
        .satisfies(
            finding -> assertThat(finding.text()).contains("no write was acknowledged for 10.000"));
  }

  static Stream<Story> open() {
    return Stream.of(
        // Nobody looked before the next fault, which came too soon.
        killed(1).fault("kill", 40, 41, true, "n1 killed", "n1").old("n2", at(40), 22, 23),
        // It was killed again before its time was over.
        back(55).fault("kill", 25, 29, false, "n2 killed", "n2"),
        back(52).starved(20, 30),
        // Nobody knew an index when it was started.
        new Story()
            .expect(5, 30)
            .leader(1, "n1", 1)
            .fault("kill", 10, 20, false, "n2 killed", "n2")
            .old("n2", at(50), 22, 23));
  }

  @ParameterizedTest(name = "{index}")
  @MethodSource("open")
  void whatNobodySawComeBackIsUndecided(Story story) {
    assertThat(new LostFollowersStopNothing().judge(story.evidence()).status())
        .isEqualTo(Status.UNDECIDED);
  }

  static Stream<Story> others() {
    return Stream.of(
        watched().fault("kill", 10, 20, true, "n1 killed", "n1"),
        watched().fault("kill", 10, 20, false, "killed", "n2", "n3"),
        killed(9).fault("cut", 12, 14, false, "9 bytes", "n1>n3"),
        killed(9).fault("switch_mode", 40, 41, false, "raft", "n1"));
  }

  @ParameterizedTest(name = "{index}")
  @MethodSource("others")
  void otherFaultsAreNotJudged(Story story) {
    assertThat(new LostFollowersStopNothing().judge(story.evidence()).status())
        .isEqualTo(Status.NOT_CONCERNED);
  }
}
