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
      for (double at = 1; at < 20; at += 0.4) {
        story.follower(at, node, 1, "n2");
      }
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
}
