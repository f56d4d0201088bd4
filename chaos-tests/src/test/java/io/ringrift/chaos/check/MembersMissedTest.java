package io.ringrift.chaos.check;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// Voters that hear nothing of another have to hold it for dead.
final class MembersMissedTest {
  /// Everybody sees everybody, and answers all the time.
  private static Story watched() {
    var story = new Story().missWithin(5);
    for (String node : List.of("n1", "n2", "n3")) {
      story.view(1, node, "n1", "n2", "n3");
      story.following(1, 20, node, 1, "n2");
    }
    return story;
  }

  private static Result check(Story story) {
    return new FaultsAreDetectedInTime().of(story.evidence());
  }

  @Test
  void aDeadVoterThatIsMissedTooLateIsAViolation() {
    var story = watched().fault("kill", 2, 9, false, "n3 kill", "n3").view(8, "n1", "n1", "n2");
    assertThat(check(story).findings().getFirst().text())
        .contains("n1 heard nothing of n3 from 2.000 s on (kill)")
        .contains("after 6.000 s, the bound is 5.000 s");
  }

  /// As with a detector that is switched off.
  @Test
  void aVoterBehindASplitThatIsNeverMissedIsAViolation() {
    var story =
        watched()
            .fault("split", 2, 9, false, "5 times", "n1>n3", "n3>n1", "n2>n3", "n3>n2")
            .view(4, "n1", "n1", "n2")
            .view(4, "n3", "n3");
    assertThat(check(story).findings()).hasSize(1);
    assertThat(check(story).findings().getFirst().text())
        .contains("n2 heard nothing of n3 from 2.000 s on (split) and held it for dead never");
  }

  @Test
  void whatIsMissedInTimeOnBothSidesIsKept() {
    var story =
        watched()
            .fault("isolate", 2, 9, false, "5 times", "n3")
            .view(3, "n1", "n1", "n2")
            .view(4, "n2", "n1", "n2")
            .view(5, "n3", "n3");
    assertThat(check(story).status()).as(check(story).evidence()).isEqualTo(Status.KEPT);
    assertThat(check(story).evidence()).contains("4 times").contains("after 3.000 s");
  }

  static Stream<Arguments> unconcerned() {
    return Stream.of(
        // Too short.
        Arguments.of(watched().fault("kill", 2, 6, false, "n3 kill", "n3")),
        // Two that a third still hears; and one direction.
        Arguments.of(watched().fault("cut", 2, 9, false, "5 times", "n1>n3", "n3>n1")),
        Arguments.of(watched().fault("cut", 2, 9, false, "5 times", "n1>n3", "n2>n3")),
        // A slow link is none that is cut.
        Arguments.of(
            watched().fault("delay", 2, 9, false, "5 times", "n1>n3", "n3>n1", "n2>n3", "n3>n2")),
        // Nobody is left to see it.
        Arguments.of(watched().fault("kill", 2, 9, false, "all kill", "n1", "n2", "n3")));
  }

  @ParameterizedTest(name = "{index}")
  @MethodSource("unconcerned")
  void whatNobodyHasToSeeIsNotConcerned(Story story) {
    assertThat(check(story).status()).isEqualTo(Status.NOT_CONCERNED);
  }

  @Test
  void timeInWhichAnObserverStoodStillIsNotCounted() {
    var story = new Story().missWithin(5);
    story.view(1, "n1", "n1", "n2", "n3").follower(1.9, "n1", 1, "n2").follower(5, "n1", 1, "n2");
    story.fault("kill", 2, 13, false, "both kill", "n2", "n3").view(9, "n1", "n1");
    assertThat(check(story).status()).as(check(story).evidence()).isEqualTo(Status.KEPT);
    assertThat(check(story).evidence())
        .contains("after 7.000 s")
        .contains("did not answer is not counted");
  }

  /// What nobody told is no instant detection.
  @Test
  void anObserverThatToldNothingBeforeTheFaultLeavesItOpen() {
    var story = new Story().missWithin(5).view(1, "n2", "n1", "n2", "n3");
    for (String node : List.of("n1", "n2", "n3")) {
      story.following(1, 20, node, 1, "n2");
    }
    story.fault("kill", 2, 9, false, "n3 kill", "n3").view(4, "n2", "n1", "n2");
    assertThat(check(story).status()).isEqualTo(Status.UNDECIDED);
    assertThat(check(story).evidence())
        .contains("n1 did not tell its members")
        .doesNotContain("n2");
  }

  @Test
  void whoHeldItForDeadBeforeTheFaultShowsNothingOfIt() {
    var story = watched().view(1.5, "n1", "n1", "n2").view(1.5, "n2", "n1", "n2");
    story.fault("kill", 2, 9, false, "n3 kill", "n3");
    assertThat(check(story).status()).isEqualTo(Status.NOT_CONCERNED);
  }

  /// As on a busy machine that answers who leads and not who is there.
  @Test
  void timeInWhichAnObserverDidNotTellItsMembersIsNotCounted() {
    var story = watched().fault("kill", 2, 13, false, "n3 kill", "n3").noView(3, "n1");
    story.view(5, "n2", "n1", "n2");
    assertThat(check(story).status()).as(check(story).evidence()).isEqualTo(Status.KEPT);
    assertThat(check(story).evidence()).contains("1 times").contains("after 3.000 s");
    story.view(12, "n1", "n1", "n2");
    assertThat(check(story).status()).isEqualTo(Status.KEPT);
    assertThat(check(story).evidence()).contains("2 times").contains("is not counted");
  }

  @Test
  void whoTellsItsMembersAgainHasToHaveSeenIt() {
    var story = watched().fault("kill", 2, 13, false, "n3 kill", "n3").view(5, "n2", "n1", "n2");
    story.noView(3, "n1").view(4, "n1", "n1", "n2", "n3");
    assertThat(check(story).findings()).hasSize(1);
    assertThat(check(story).findings().getFirst().text())
        .contains("n1 heard nothing of n3")
        .contains("never, the bound is 5.000 s and 1.000 s of silence");
  }

  /// A restarted node begins to count again.
  @Test
  void anObserverThatIsKilledBeforeItsTimeIsOverOwesNothing() {
    var story = watched().fault("kill", 2, 19, false, "n3 kill", "n3").view(5, "n2", "n1", "n2");
    story.noView(3, "n1").view(6, "n1", "n1", "n2", "n3").event(8, "n1", "KILLED", 0, "");
    assertThat(check(story).status()).as(check(story).evidence()).isEqualTo(Status.KEPT);
  }

  private static Story led() {
    return new Story().leader(1, "n1", 1).expect(5, 0);
  }

  @Test
  void aLeaderThatComesBackBeforeTheBoundProvesNothing() {
    var story = led().fault("isolate", 2, 4, true, "5 times", "n1").following(1, 20, "n2", 1, "n1");
    assertThat(check(story).status()).isEqualTo(Status.NOT_CONCERNED);
  }

  /// They know of no leader when they come back.
  @Test
  void thoseThatWereKilledWithTheLeaderDidNotSeeIt() {
    var story = led().following(1, 2, "n2", 1, "n1").fault("kill", 2, 19, true, "9", "n1", "n2");
    story.event(2.1, "n2", "KILLED", 0, "").event(9, "n2", "STARTED", 0, "");
    story.following(10, 19, "n2", 0, "");
    assertThat(check(story).status()).as(check(story).evidence()).isEqualTo(Status.NOT_CONCERNED);
  }

  @Test
  void timeInWhichNobodyAnsweredIsNotCountedForLeadersEither() {
    var story = led().fault("isolate", 2, 19, true, "5 times", "n1");
    story.following(1, 3, "n2", 1, "n1").following(1, 3, "n3", 1, "n1");
    story.following(10, 12, "n2", 1, "n1").follower(12, "n2", 1, "");
    assertThat(check(story).status()).as(check(story).evidence()).isEqualTo(Status.KEPT);
    story.following(3, 10, "n3", 1, "n1");
    assertThat(check(story).findings().getFirst().text()).contains("after 10.000 s");
  }
}
