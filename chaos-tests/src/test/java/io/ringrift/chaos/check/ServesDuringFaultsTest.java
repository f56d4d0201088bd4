package io.ringrift.chaos.check;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringrift.chaos.evidence.NodeEvent;
import io.ringrift.chaos.history.Kind;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// What `served` asks for. Leaders are missed within 5 s, clients ask the next node after 2 s.
final class ServesDuringFaultsTest {
  /// Three nodes that answer all the time; n1 led, n2 leads from the sixth second on.
  private static Story led() {
    Story story = new Story().promise(Promises.service(5));
    for (double at = 1; at < 40; at += 0.4) {
      if (at < 6) {
        story.leader(at, "n1", 1);
      } else {
        story.leader(at, "n2", 2);
      }
      story.follower(at, "n3", at < 6 ? 1 : 2, at < 6 ? "n1" : "n2");
    }
    return story;
  }

  private static Story split() {
    return led().fault("split", 4, 14, false, "9", "n1>n2", "n2>n1", "n1>n3", "n3>n1");
  }

  /// Answered at the eighth second, so that somebody leads again in the fifteenth.
  private static Story changed() {
    return led()
        .fault("add_voter", 5, 18, false, "n3 made voters", "n3")
        .event(8, "n3", NodeEvent.CHANGED, 0, "n3 made voters");
  }

  private static Result judged(Story story) {
    return new ServesDuringFaults().judge(story.evidence());
  }

  static Stream<Story> broken() {
    return Stream.of(
        split(),
        // Before the fault, and behind it.
        split().submit("a", 1, 2).submit("b", 14.5, 15),
        // As an old leader may still have told before it was cut off.
        split().submit("a", 4.5, 5),
        // Begun before the end and answered behind it.
        split().submit("a", 13, 15),
        // Nothing was changed by it.
        split().claim("w", "", 0, 12, 13).read("a", "PENDING", 0, "", 12, 13),
        // The leader was spared.
        led().fault("kill", 20, 23, false, "n3 killed", "n3").submit("a", 23.5, 24),
        // Every node begins again behind the answer, and is back by then.
        changed().submit("a", 7, 7.5).submit("b", 14, 14.9),
        // One of two faults was served.
        split().submit("a", 12, 13).fault("kill", 20, 30, true, "n2 killed", "n2"));
  }

  @ParameterizedTest(name = "{index}")
  @MethodSource("broken")
  void faultInWhichNothingIsDoneBreaksIt(Story story) {
    Result result = judged(story);
    assertThat(result.status()).as(result.evidence()).isEqualTo(Status.VIOLATED);
    assertThat(result.findings().getFirst().text()).startsWith("nothing was acknowledged from");
  }

  static Stream<Story> kept() {
    return Stream.of(
        split().submit("a", 12, 13),
        led().fault("kill", 20, 23, false, "n3 killed", "n3").submit("a", 20.5, 21),
        led().fault("hostile", 20, 23, false, "9", "n1", "n2", "n3").submit("a", 20.5, 21),
        changed().submit("a", 15.5, 16),
        // Too short for a new leader; something was done in its second half.
        led().fault("kill", 4, 10, true, "n1 killed", "n1").submit("a", 8, 9));
  }

  @ParameterizedTest(name = "{index}")
  @MethodSource("kept")
  void faultInWhichSomethingIsDoneKeepsIt(Story story) {
    Result result = judged(story);
    assertThat(result.findings()).isEmpty();
    assertThat(result.status()).as(result.evidence()).isEqualTo(Status.KEPT);
  }

  static Stream<Story> undecided() {
    return Stream.of(
        split().starved(11, 13),
        split().failed("it broke off"),
        // Nothing is left of a change that was answered so late.
        changed().event(12, "n3", NodeEvent.CHANGED, 0, "n3 made voters"),
        led().fault("kill", 4, 10, true, "n1 killed", "n1").submit("a", 4.5, 5));
  }

  @ParameterizedTest(name = "{index}")
  @MethodSource("undecided")
  void whatAMachineWithoutTimeOrAShortFaultShowsIsUndecided(Story story) {
    assertThat(judged(story).status()).isEqualTo(Status.UNDECIDED);
  }

  @Test
  void aScenarioThatDoesNotPromiseItIsNotConcerned() {
    Story story = new Story().fault("split", 4, 14, false, "9", "n1>n2");
    assertThat(judged(story).status()).isEqualTo(Status.NOT_CONCERNED);
  }

  @Test
  void onlyWhatNeededALeaderIsAWrite() {
    var done = new Story().submit("a", 1, 2).claim("w", "a", 1, 3, 4).evidence().history();
    assertThat(done.operations()).allMatch(Writes::done);
    var nothing =
        new Story()
            .claim("w", "", 0, 3, 4)
            .read("a", "PENDING", 0, "", 3, 4)
            .unknown("c", Kind.SUBMIT, "", 0, "p", 1)
            .evidence()
            .history();
    assertThat(nothing.operations()).noneMatch(Writes::done);
  }
}
