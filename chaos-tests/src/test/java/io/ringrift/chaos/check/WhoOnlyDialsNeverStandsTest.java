package io.ringrift.chaos.check;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

final class WhoOnlyDialsNeverStandsTest {
  private static Story story() {
    return new Story().beside("w1").role(1, "w1", "OBSERVER", 3, "n1").leader(1, "n1", 3);
  }

  static Stream<Arguments> broken() {
    return Stream.of(
        Arguments.of(story().role(2, "w1", "CANDIDATE", 4, ""), "w1 calls itself CANDIDATE at 2"),
        Arguments.of(story().role(2, "w1", "LEADER", 4, "w1"), "w1 calls itself LEADER at 2"),
        Arguments.of(story().audit(2, "w1", "elected", 4), "w1 writes down elected at 2"),
        Arguments.of(
            story().audit(2, "w1", "vote-granted", 4, "to", "n1"), "w1 writes down vote-granted"),
        Arguments.of(
            story().audit(2, "n2", "vote-granted", 4, "to", "w1"), "w1 is voted for by n2 at 2"));
  }

  @ParameterizedTest(name = "{1}")
  @MethodSource("broken")
  void nodeBesideTheVotersThatStandsOrVotesIsFound(Story story, String told) {
    Result result = new WhoOnlyDialsNeverStands().of(story.evidence());
    assertThat(result.status()).isEqualTo(Status.VIOLATED);
    assertThat(result.findings().getFirst().text()).contains(told).contains("is no voter");
  }

  @Test
  void observerThatNeverStandsKeepsItAndASilentOneProvesNothing() {
    assertThat(new WhoOnlyDialsNeverStands().of(story().evidence()).status())
        .isEqualTo(Status.KEPT);
    Story silent = new Story().beside("w1").down(1, "w1").leader(1, "n1", 3);
    assertThat(new WhoOnlyDialsNeverStands().of(silent.evidence()).status())
        .isEqualTo(Status.UNDECIDED);
    assertThat(new WhoOnlyDialsNeverStands().of(new Story().evidence()).status())
        .isEqualTo(Status.NOT_CONCERNED);
  }
}
