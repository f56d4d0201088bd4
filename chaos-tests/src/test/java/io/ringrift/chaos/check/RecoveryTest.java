package io.ringrift.chaos.check;

import static io.ringrift.chaos.check.Promises.recovery;
import static org.assertj.core.api.Assertions.assertThat;

import io.ringrift.chaos.history.Kind;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// What a run comes to: recovery in time, and a history that proves something.
final class RecoveryTest {
  private static Story led() {
    return new Story().leader(1, "n1", 1).follower(1, "n2", 1, "n1").follower(1, "n3", 1, "n1");
  }

  private static Story claimed() {
    return new Story().submit("a", 1, 2).claim("w", "a", 1, 3, 4);
  }

  /// 200 submits, one a second, of which each one of so many has no answer.
  private static Story mostly(int except) {
    var story = new Story();
    for (int i = 1; i <= 200; i++) {
      if (i % except == 0) {
        story.unknown("c", Kind.SUBMIT, "", 0, "p" + i, i);
      } else {
        story.submit("a" + i, i, i + 0.5);
      }
    }
    return story;
  }

  static Stream<Arguments> broken() {
    return Stream.of(
        Arguments.of(
            new RecoversInTime(),
            led()
                .fault("cut", 2, 4, true, "9 bytes", "n1")
                .submit("a", 5, 6)
                .leader(5, "n2", 2)
                .follower(5, "n1", 2, "n2")
                .follower(15, "n3", 2, "n2")
                .expect(0, 5),
            "agreed after 11.000 s, worked after 2.000 s"),
        Arguments.of(
            new RecoversInTime(),
            led()
                .fault("cut", 2, 4, true, "9 bytes", "n1")
                .leader(5, "n2", 2)
                .follower(5, "n1", 2, "n2")
                .follower(6, "n3", 2, "n2")
                .expect(0, 5),
            "agreed after 2.000 s, worked never"),
        Arguments.of(
            new RecoversInTime(),
            led()
                .fault("cut", 2, 4, true, "9 bytes", "n1")
                .submit("a", 9, 9.5)
                .leader(8, "n2", 2)
                .follower(8, "n1", 2, "n2")
                .follower(8, "n3", 2, "n2")
                .promise(recovery(3, 8)),
            "led after 4.000 s, bound 3.000 s"),
        // The run was not looked at for 200 s, but a leader came late.
        Arguments.of(
            new RecoversInTime(),
            led().fault("cut", 2, 4, true, "9", "n1").leader(8, "n2", 2).promise(recovery(3, 200)),
            "led after 4.000 s, bound 3.000 s; agreed never"),
        // A claim that finds nothing is no work.
        Arguments.of(
            new RecoversInTime(),
            led()
                .fault("cut", 2, 4, true, "9 bytes", "n1")
                .claim("w", "", 0, 5, 6)
                .leader(5, "n2", 2)
                .follower(5, "n1", 2, "n2")
                .follower(6, "n3", 2, "n2")
                .expect(0, 5),
            "worked never"));
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
            new RecoversInTime(),
            led()
                .fault("kill", 2, 4, true, "exit 137", "n3")
                .submit("a", 5, 6)
                .leader(5, "n2", 2)
                .follower(6, "n1", 2, "n2")
                .event(2, "n3", "KILLED", 0, "")
                .down(7, "n3")
                .expect(0, 5)),
        Arguments.of(new HistoryIsWhole(), claimed()),
        // Near a fault some may be unknown.
        Arguments.of(new HistoryIsWhole(), mostly(20).fault("cut", 3, 195, false, "9", "n1")));
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
            new RecoversInTime(),
            led().fault("cut", 2, 4, true, "9", "n1").starved(5, 6).expect(0, 5)),
        // Nobody looked for so long.
        Arguments.of(
            new RecoversInTime(), led().fault("cut", 2, 4, true, "9", "n1").expect(0, 200)),
        Arguments.of(new HistoryIsWhole(), mostly(4).fault("cut", 1, 200, false, "9", "n1")),
        Arguments.of(new HistoryIsWhole(), mostly(20).fault("cut", 190, 195, false, "9", "n1")),
        Arguments.of(new HistoryIsWhole(), claimed().dropped(3)),
        Arguments.of(new HistoryIsWhole(), new Story()),
        Arguments.of(
            new HistoryIsWhole(),
            new Story()
                .unknown("c", Kind.SUBMIT, "", 0, "p", 1)
                .stale("w", Kind.RENEW, "a", 1, 5, 6)));
  }

  @ParameterizedTest(name = "{index}")
  @MethodSource("undecided")
  void whatCannotBeToldIsNoPass(Check check, Story story) {
    assertThat(check.of(story.evidence()).status()).isEqualTo(Status.UNDECIDED);
  }
}
