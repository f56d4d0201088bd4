package io.ringrift.chaos.check;

import static io.ringrift.chaos.check.Story.item;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// What a run leaves of its nodes: those that are gone, that lost everything, that are behind, or
/// that another log counts for.
final class EndsTest {
  private static Story led() {
    return new Story().leader(1, "n1", 1).follower(1, "n2", 1, "n1").follower(1, "n3", 1, "n1");
  }

  private static Story claimed() {
    return new Story().submit("a", 1, 2).claim("w", "a", 1, 3, 4);
  }

  static Stream<Arguments> broken() {
    return Stream.of(
        Arguments.of(
            new RecoversInTime(),
            led()
                .fault("kill", 2, 4, true, "exit 137", "n3")
                .submit("a", 5, 6)
                .leader(5, "n2", 2)
                .follower(6, "n1", 2, "n2")
                .event(2, "n3", "KILLED", 0, "")
                .event(4, "n3", "STARTED", 0, "")
                .down(7, "n3")
                .expect(0, 5),
            "agreed never"),
        Arguments.of(
            new EveryNodeComesBack(),
            led().event(2, "n3", "KILLED", 0, "").event(4, "n3", "STARTED", 0, "").down(7, "n3"),
            "n3 does not answer at the end: silent since 7.000 s"),
        Arguments.of(
            new EveryNodeComesBack(),
            led().gone("n2", "it does not tell its state"),
            "n2 does not answer at the end: it does not tell its state"),
        Arguments.of(
            new EveryNodeComesBack(),
            led()
                .event(2, "n2", "KILLED", 0, "")
                .event(4, "n2", "STARTED", 0, "")
                .event(8, "n2", "EXITED", 0, "exit code 1: no room")
                .event(9, "n2", "STARTED", 0, ""),
            "n2 ended by itself at 8.000 s: exit code 1: no room"),
        Arguments.of(
            new EveryNodeComesBack(),
            led().event(8, "worker", "EXITED", 0, "exit code 1"),
            "worker ended by itself"),
        Arguments.of(
            new NothingAcknowledgedIsLost(),
            claimed().endEmpty("n1", "h", 1),
            "item a is lost at n1"),
        Arguments.of(
            new NothingAcknowledgedIsLost(),
            claimed().end("n1", "h", 9, item("a", "CLAIMED", 1, "w", "")).endEmpty("n2", "h", 0),
            "item a is lost at n2"),
        Arguments.of(
            new NothingAcknowledgedIsLost(),
            claimed()
                .end("bully", 4, "n1", "h", 900, true, item("a", "CLAIMED", 1, "w", ""))
                .end("raft", 5, "n2", "h", 12, true, item("b", "PENDING", 0, "", "")),
            "item a is lost at n2"));
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
        Arguments.of(
            new EveryNodeComesBack(),
            led()
                .event(2, "n2", "KILLED", 0, "")
                .event(3, "n2", "EXITED", 0, "exit code 137")
                .down(3, "n2")
                .event(4, "n3", "STOPPED", 0, "")
                .event(5, "n3", "STARTED", 0, "")
                .down(5, "n3")
                .follower(6, "n3", 1, "n1")),
        Arguments.of(new EveryNodeComesBack(), led().down(97, "n3")),
        Arguments.of(
            new NothingAcknowledgedIsLost(),
            claimed()
                .end("n1", "h", 9, item("a", "CLAIMED", 1, "w", ""))
                .endEmpty("observer", "g", 0)),
        Arguments.of(
            new NothingAcknowledgedIsLost(),
            claimed()
                .end("bully", 4, "n1", "h", 900, true, item("b", "PENDING", 0, "", ""))
                .end("raft", 5, "n2", "h", 12, true, item("a", "CLAIMED", 1, "w", ""))),
        Arguments.of(
            new ReplicasAgree(),
            new Story()
                .end("n1", "h", 7)
                .end("n2", "h", 7)
                .gone("n3", "down")
                .event(3, "n3", "KILLED", 0, "")));
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
        Arguments.of(
            new ReplicasAgree(), new Story().end("n1", "h", 7).end("n2", "h", 7).end("n3", "g", 6)),
        Arguments.of(new ReplicasAgree(), new Story().end("n1", "h", 7).end("n2", "h", 7)),
        Arguments.of(
            new ReplicasAgree(),
            new Story()
                .end("raft", 5, "n1", "h", 7, false)
                .end("raft", 5, "n2", "h", 7, false)
                .end("bully", 4, "n3", "g", 7, false)),
        Arguments.of(
            new EveryNodeComesBack(), new Story().leader(1, "n1", 1).follower(1, "n2", 1, "n1")),
        Arguments.of(
            new NothingAcknowledgedIsLost(),
            claimed()
                .submit("b", 5, 6)
                .end(
                    "n1", "h", 9, item("a", "CLAIMED", 1, "w", ""), item("b", "PENDING", 0, "", ""))
                .end("n2", "h", 5, item("a", "CLAIMED", 1, "w", ""))));
  }

  @ParameterizedTest(name = "{index}")
  @MethodSource("undecided")
  void whatCannotBeToldIsNoPass(Check check, Story story) {
    assertThat(check.of(story.evidence()).status()).isEqualTo(Status.UNDECIDED);
  }
}
