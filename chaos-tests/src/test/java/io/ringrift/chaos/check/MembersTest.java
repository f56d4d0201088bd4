package io.ringrift.chaos.check;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringrift.chaos.evidence.NodeEvent;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// What nodes say of one another when nothing is done to them, and when all is over. Silence kills
/// within 4 s, all is whole again 10 s after the last fault.
final class MembersTest {
  private static final String[] ALL = {"n1", "n2", "n3"};

  /// All three answer all the time, and count on each other.
  private static Story whole() {
    Story story = new Story().promise(Promises.of(5, 4, 5, 10));
    for (String node : ALL) {
      story.following(0.2, 99, node, 1, "n1").view(1, node, ALL);
    }
    return story;
  }

  /// n1 was alone and says so of the others, and they of it.
  private static Story parted() {
    return whole()
        .fault("isolate", 10, 20, true, "9", "n1")
        .view(15, "n1", "n1")
        .view(15, "n2", "n2", "n3")
        .view(15, "n3", "n2", "n3");
  }

  private static Story healed(double at) {
    return parted().view(at, "n1", ALL).view(at, "n2", ALL).view(at + 1, "n3", ALL);
  }

  static Stream<Arguments> broken() {
    return Stream.of(
        Arguments.of(
            new MembersConverge(),
            parted().view(22, "n1", ALL).view(22, "n3", ALL),
            "n2 tells {n1=DEAD, n2=ALIVE, n3=ALIVE}"),
        Arguments.of(new MembersConverge(), healed(30), "do not count on one another 10.000 s"),
        // What a node told in a former life does not count.
        Arguments.of(
            new MembersConverge(),
            whole().fault("kill", 10, 20, true, "killed", "n1").event(20, "n1", "STARTED", 0, ""),
            "do not count on one another"),
        Arguments.of(
            new HealthyMembersStayAlive(),
            whole().view(30, "n2", "n2", "n3"),
            "n2 held n1 for DEAD at 30.000 s, and nothing had been done to either"),
        Arguments.of(
            new HealthyMembersStayAlive(),
            whole().fault("isolate", 27, 32, false, "9", "n3").view(30, "n2", "n2", "n3"),
            "n2 held n1 for DEAD"),
        Arguments.of(
            new HealthyMembersStayAlive(),
            whole().fault("hostile", 27, 32, false, "9", ALL).view(30, "n2", "n2", "n3"),
            "n2 held n1 for DEAD"),
        Arguments.of(
            new HealthyMembersStayAlive(), healed(21).view(60, "n2", "n2", "n3"), "at 60.000 s"));
  }

  @ParameterizedTest(name = "{index} {2}")
  @MethodSource("broken")
  void whatIsBrokenIsTold(Check check, Story story, String told) {
    Result result = check.judge(story.evidence());
    assertThat(result.status()).as(result.evidence()).isEqualTo(Status.VIOLATED);
    assertThat(result.findings().getFirst().text()).contains(told);
  }

  static Stream<Arguments> kept() {
    return Stream.of(
        Arguments.of(new MembersConverge(), healed(22)),
        // Nobody missed anybody.
        Arguments.of(new MembersConverge(), whole().fault("cut", 10, 11, false, "9", "n1>n2")),
        Arguments.of(new HealthyMembersStayAlive(), whole()),
        Arguments.of(new HealthyMembersStayAlive(), healed(22)),
        Arguments.of(
            new HealthyMembersStayAlive(),
            whole().fault("cut", 20, 25, false, "9", "n1>n2").view(30, "n2", "n2", "n3")),
        Arguments.of(
            new HealthyMembersStayAlive(),
            whole().event(28, "n1", "PAUSED", 0, "").view(30, "n2", "n2", "n3")),
        Arguments.of(
            new HealthyMembersStayAlive(),
            whole().fault("switch_mode", 25, 29, false, "9").view(30, "n2", "n2", "n3")),
        // Every node begins again.
        Arguments.of(
            new HealthyMembersStayAlive(),
            whole().event(28, "n3", NodeEvent.CHANGED, 0, "").view(30, "n2", "n2", "n3")));
  }

  @ParameterizedTest(name = "{index}")
  @MethodSource("kept")
  void whatHoldsIsKept(Check check, Story story) {
    Result result = check.judge(story.evidence());
    assertThat(result.findings()).isEmpty();
    assertThat(result.status()).as(result.evidence()).isEqualTo(Status.KEPT);
  }

  @Test
  void aMemberHeldForDeadOnAMachineWithoutTimeIsNeitherKeptNorAFinding() {
    var run = whole().starved(28, 29).view(30, "n2", "n2", "n3").evidence();
    assertThat(new HealthyMembersStayAlive().judge(run).status()).isEqualTo(Status.UNDECIDED);
  }

  static Stream<Story> undecided() {
    return Stream.of(
        parted().starved(21, 25),
        parted().failed("it broke off"),
        // The run ends at 100 s.
        whole().fault("isolate", 90, 95, true, "9", "n1").view(92, "n2", "n2", "n3"));
  }

  @ParameterizedTest(name = "{index}")
  @MethodSource("undecided")
  void whatNobodyCouldSeeInTimeIsUndecided(Story story) {
    assertThat(new MembersConverge().judge(story.evidence()).status()).isEqualTo(Status.UNDECIDED);
  }

  /// A node that hung for a second proves nothing.
  @Test
  void deathOfWhoDidNotAnswerIsNotFalse() {
    Story story = new Story().promise(Promises.of(5, 4, 5, 10));
    story.following(0.2, 28, "n1", 1, "n1").following(29.5, 99, "n1", 1, "n1");
    story.following(0.2, 99, "n2", 1, "n1").view(1, "n2", ALL).view(30, "n2", "n2", "n3");
    assertThat(new HealthyMembersStayAlive().judge(story.evidence()).findings()).isEmpty();
  }
}
