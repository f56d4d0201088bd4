package io.ringrift.chaos.check;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// Who may lead while a fault is there, and who has to. A leader is missed within 5 s.
final class WhoLeadsTest {
  private static Story led() {
    return new Story().expect(5, 0).leader(1, "n1", 1);
  }

  private static Story deaf() {
    return led().fault("cut", 2, 10, false, "9 bytes", "n2>n1", "n3>n1");
  }

  private static Story split() {
    return led()
        .fault("split", 2, 10, true, "9", "n1>n2", "n2>n1", "n1>n3", "n3>n1", "n2>n3", "n3>n2");
  }

  private static Story full() {
    return led().fault("full_disk", 2, 10, false, "9 bytes", "n1");
  }

  private static Story oneWay() {
    return led().fault("cut", 2, 10, false, "9 bytes", "n1>n2");
  }

  private static Story killed() {
    Story story = unwatched().following(1, 11, "n3", 1, "n1");
    for (double at = 1; at < 11; at += 0.4) {
      story.follower(at, "n1", 1, "n1");
    }
    return story;
  }

  private static Story unwatched() {
    return led().fault("kill", 2, 10, false, "n2 killed", "n2");
  }

  static Stream<Arguments> broken() {
    return Stream.of(
        Arguments.of(
            new WhoCannotLeadStepsDown(),
            deaf().leader(8, "n1", 1),
            "n1 says at 8.000 s that it leads epoch 1, although cut has kept it"),
        Arguments.of(
            new WhoCannotLeadStepsDown(),
            split().leader(9, "n3", 2),
            "n3 says at 9.000 s that it leads epoch 2, although split"),
        Arguments.of(
            new WhoCannotLeadStepsDown(),
            led().fault("isolate", 2, 10, true, "9", "n1").leader(8, "n1", 1),
            "although isolate has kept it"),
        Arguments.of(
            new WhoCannotLeadStepsDown(),
            full().leader(8, "n1", 1).leader(9, "n2", 2),
            "although full_disk has kept it"),
        Arguments.of(
            new WhoCannotLeadStepsDown(),
            full().leader(12, "n2", 2),
            "nobody else led while the disk of n1 was full"),
        // It was led on without a majority; a starved machine is no excuse for that.
        Arguments.of(
            new WhoCannotLeadStepsDown(),
            split().starved(3, 4).submit("a", 8, 9),
            "acknowledged although split leaves no side a majority since 2.000 s"),
        // Two of the three that vote now cannot hear the third, and the fourth is none of them.
        Arguments.of(
            new WhoCannotLeadStepsDown(),
            led()
                .fault("remove_voter", 0.1, 0.2, false, "n3 was removed", "n3")
                .fault("cut", 12, 20, false, "9 bytes", "n2>n1")
                .leader(18.5, "n1", 1),
            "n1 says at 18.500 s that it leads epoch 1, although cut has kept it"),
        // Before the time in which a leader is missed, and behind its own lease.
        Arguments.of(
            new WhoCannotLeadStepsDown(),
            deaf().promise(Promises.of(5, 0, 3, 0)).leader(6, "n1", 1),
            "n1 says at 6.000 s that it leads epoch 1, although cut has kept it"),
        Arguments.of(
            new WhoCannotLeadStepsDown(),
            split().submit("a", 8, 9),
            "acknowledged although split leaves no side a majority since 2.000 s"),
        Arguments.of(
            new SmallLossesUnseatNobody(),
            killed().leader(6, "n3", 2),
            "n1 led epoch 1, and the epochs [2] began during kill of n2"),
        Arguments.of(
            new SmallLossesUnseatNobody(),
            oneWay().leader(3, "n2", 2).leader(4, "n1", 3).leader(5, "n2", 4).leader(6, "n1", 5),
            "the epochs [2, 3, 4, 5] began during cut of n1>n2 from 2.000 s to 10.000 s; at most"
                + " 3"));
  }

  @ParameterizedTest(name = "{index} {2}")
  @MethodSource("broken")
  void whatIsBrokenIsTold(Check check, Story story, String told) {
    Result result = check.of(story.evidence());
    assertThat(result.status()).isEqualTo(Status.VIOLATED);
    assertThat(result.findings().getFirst().text()).contains(told);
  }

  static Stream<Arguments> kept() {
    return Stream.of(
        Arguments.of(new WhoCannotLeadStepsDown(), deaf().leader(6, "n1", 1).leader(8, "n2", 2)),
        // It may have said so half a second before it was noted.
        Arguments.of(new WhoCannotLeadStepsDown(), deaf().leader(7.4, "n1", 1)),
        Arguments.of(new WhoCannotLeadStepsDown(), split().leader(6, "n1", 1).leader(11, "n1", 3)),
        Arguments.of(new WhoCannotLeadStepsDown(), deaf().submit("a", 8, 9)),
        Arguments.of(
            new WhoCannotLeadStepsDown(),
            split().submit("a", 6, 8).submit("b", 9, 10.5).claim("w", "", 0, 8, 9)),
        Arguments.of(
            new WhoCannotLeadStepsDown(),
            full().promise(Promises.of(5, 0, 3, 0)).leader(6, "n1", 1).leader(8, "n2", 2)),
        Arguments.of(new WhoCannotLeadStepsDown(), full().leader(8, "n2", 2).leader(11, "n1", 3)),
        Arguments.of(new SmallLossesUnseatNobody(), killed().leader(6, "n1", 1)),
        Arguments.of(new SmallLossesUnseatNobody(), killed().leader(12, "n3", 2)),
        Arguments.of(new SmallLossesUnseatNobody(), oneWay().leader(3, "n2", 2)));
  }

  @ParameterizedTest(name = "{index}")
  @MethodSource("kept")
  void whatHoldsIsKept(Check check, Story story) {
    Result result = check.of(story.evidence());
    assertThat(result.findings()).isEmpty();
    assertThat(result.status()).as(result.evidence()).isEqualTo(Status.KEPT);
  }

  static Stream<Arguments> undecided() {
    return Stream.of(
        Arguments.of(deaf().starved(3, 4).leader(8, "n1", 1)),
        Arguments.of(full().starved(3, 4).leader(12, "n2", 2)));
  }

  @ParameterizedTest(name = "{index}")
  @MethodSource("undecided")
  void whoIsLateOnAMachineWithoutTimeIsNotAccused(Story story) {
    Result result = new WhoCannotLeadStepsDown().of(story.evidence());
    assertThat(result.status()).as(result.evidence()).isEqualTo(Status.UNDECIDED);
  }

  static Stream<Arguments> notConcerned() {
    return Stream.of(
        // One link in one direction keeps nobody from a majority, and a short fault shows nothing.
        Arguments.of(new WhoCannotLeadStepsDown(), oneWay().leader(8, "n1", 1)),
        Arguments.of(
            new WhoCannotLeadStepsDown(),
            led().fault("isolate", 2, 6, true, "9", "n1").leader(5, "n1", 1)),
        Arguments.of(
            new SmallLossesUnseatNobody(),
            led().fault("kill", 2, 10, true, "n1 killed", "n1").leader(6, "n3", 2)),
        Arguments.of(
            new SmallLossesUnseatNobody(),
            led().fault("kill", 2, 10, false, "killed", "n2", "n3").leader(12, "n3", 2)),
        // Who was struck as a follower had just been elected.
        Arguments.of(
            new SmallLossesUnseatNobody(),
            killed().audit(1.9, "n2", "elected", 2).leader(6, "n3", 3)),
        // Of a machine that is too busy to answer nothing is told.
        Arguments.of(new SmallLossesUnseatNobody(), unwatched().leader(6, "n3", 2)),
        Arguments.of(
            new SmallLossesUnseatNobody(),
            killed().fault("isolate", 3, 8, true, "9", "n1").leader(8, "n3", 2)));
  }

  @ParameterizedTest(name = "{index}")
  @MethodSource("notConcerned")
  void whatAFaultDoesNotShowIsNotJudged(Check check, Story story) {
    assertThat(check.of(story.evidence()).status()).isEqualTo(Status.NOT_CONCERNED);
  }
}
