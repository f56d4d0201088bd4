package io.ringrift.chaos.check;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// Who may vote and lead: not who was taken out, and not who has other settings than the rest.
final class VotersTest {
  private static Story removed() {
    return new Story()
        .leader(1, "n1", 1)
        .fault("remove_voter", 10, 15, false, "n3 voters no more", "n3");
  }

  private static Story odd() {
    return new Story().leader(1, "n1", 1).fault("config", 10, 20, false, "n3: refused", "n3");
  }

  /// By the votes of two.
  private static Story elected(Story story, double at, String node, String other) {
    return story
        .audit(at, node, "vote-granted", 7, "to", node)
        .audit(at, other, "vote-granted", 7, "to", node)
        .audit(at + 0.1, node, "elected", 7);
  }

  static Stream<Arguments> broken() {
    return Stream.of(
        Arguments.of(
            new OneLeaderPerEpoch(), removed().leader(18, "n3", 2), "n3 leads epoch 2 by the word"),
        Arguments.of(new OneLeaderPerEpoch(), removed().audit(18, "n3", "elected", 2), "its audit"),
        // Of two voters one is no majority, and the vote of the third does not count.
        Arguments.of(
            new LeadersHaveAQuorum(),
            elected(removed().audit(2, "n2", "boot", 0), 18, "n1", "n3"),
            "1 of 2 voters"),
        Arguments.of(
            new OddOnesStandAside(),
            odd().audit(15, "n3", "vote-granted", 2, "to", "n2"),
            "n3 writes down vote-granted of epoch 2 for n2"),
        Arguments.of(
            new OddOnesStandAside(),
            odd().audit(15, "n2", "vote-granted", 2, "to", "n3"),
            "n2 writes down vote-granted of epoch 2 for n3"),
        Arguments.of(
            new OddOnesStandAside(), odd().audit(15, "n3", "elected", 2), "n3 writes down elected"),
        Arguments.of(
            new OddOnesStandAside(),
            odd().leader(15, "n3", 2),
            "n3 says at 15.000 s that it leads"));
  }

  @ParameterizedTest(name = "{index} {2}")
  @MethodSource("broken")
  void whatIsBrokenIsTold(Check check, Story story, String told) {
    Result result = check.judge(story.evidence());
    assertThat(result.status()).as(result.evidence()).isEqualTo(Status.VIOLATED);
    assertThat(result.findings()).anySatisfy(f -> assertThat(f.text()).contains(told));
  }

  static Stream<Arguments> kept() {
    return Stream.of(
        // Nobody knows when in that time it was taken out.
        Arguments.of(new OneLeaderPerEpoch(), removed().leader(14, "n3", 2)),
        Arguments.of(new OneLeaderPerEpoch(), removed().follower(18, "n2", 2, "n3")),
        Arguments.of(
            new OneLeaderPerEpoch(),
            removed()
                .fault("add_voter", 20, 25, false, "n3 made voters", "n3")
                .leader(28, "n3", 2)),
        Arguments.of(new LeadersHaveAQuorum(), elected(removed(), 12, "n1", "n3")),
        Arguments.of(new LeadersHaveAQuorum(), elected(removed(), 18, "n1", "n2")),
        Arguments.of(
            new OddOnesStandAside(),
            odd()
                .audit(15, "n3", "vote-granted", 2, "to", "n3")
                .audit(15, "n2", "vote-granted", 2, "to", "n1")
                .audit(22, "n3", "vote-granted", 2, "to", "n1")));
  }

  @ParameterizedTest(name = "{index}")
  @MethodSource("kept")
  void whatHoldsIsKept(Check check, Story story) {
    Result result = check.judge(story.evidence());
    assertThat(result.findings()).isEmpty();
    assertThat(result.status()).as(result.evidence()).isEqualTo(Status.KEPT);
  }
}
