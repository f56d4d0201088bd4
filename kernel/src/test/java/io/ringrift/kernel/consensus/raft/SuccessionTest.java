package io.ringrift.kernel.consensus.raft;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.time.Moment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class SuccessionTest {
  private static final NodeId N1 = new NodeId("n1");
  private static final NodeId N2 = new NodeId("n2");
  private static final NodeId N3 = new NodeId("n3");
  private static final List<NodeId> VOTERS = List.of(N1, N2, N3);
  private static final Duration ELECTION = Duration.ofMillis(240);

  private static Moment at(long millis) {
    return new Moment(0).plus(Duration.ofMillis(millis));
  }

  private static Optional<Followed> follows(NodeId leader, long term, long untilMillis) {
    return Optional.of(new Followed(leader, term, at(untilMillis)));
  }

  /// The milliseconds, of the first so many, at which it asks.
  private static List<Long> asks(Succession succession, Optional<Followed> followed, long millis) {
    var asked = new ArrayList<Long>();
    for (long now = 0; now < millis; now++) {
      if (succession.step(at(now), followed, VOTERS)) {
        asked.add(now);
      }
    }
    return asked;
  }

  @Test
  void theFirstOfTheOthersAsksAsSoonAsNoLeaseIsHeldTo() {
    assertThat(asks(new Succession(N2, ELECTION), follows(N1, 3, 500), 501)).containsExactly(500L);
    assertThat(asks(new Succession(N1, ELECTION), follows(N3, 3, 500), 501)).containsExactly(500L);
  }

  @Test
  void whoComesLaterInTheOrderLeavesThoseBeforeItTime() {
    assertThat(asks(new Succession(N3, ELECTION), follows(N1, 3, 500), 561)).containsExactly(560L);
    assertThat(asks(new Succession(N2, ELECTION), follows(N3, 3, 500), 561)).containsExactly(560L);
  }

  @Test
  void aLeaderThatIsHeardIsNeverAskedAbout() {
    var succession = new Succession(N2, ELECTION);
    for (long now = 0; now < 2_000; now += 10) {
      assertThat(succession.step(at(now), follows(N1, 3, now + 1), VOTERS)).isFalse();
    }
    assertThat(succession.step(at(2_000), Optional.empty(), VOTERS)).isFalse();
  }

  @Test
  void restsBetweenTwoTriesGrowToABound() {
    assertThat(asks(new Succession(N2, ELECTION), follows(N1, 3, 0), 2_500))
        .containsExactly(0L, 20L, 60L, 140L, 300L, 620L, 1100L, 1580L, 2060L);
  }

  @Test
  void anotherSilenceBeginsWithShortRestsAgain() {
    var succession = new Succession(N2, ELECTION);
    asks(succession, follows(N1, 3, 0), 1_000);
    assertThat(succession.step(at(1_000), follows(N1, 3, 1_100), VOTERS)).isFalse();
    assertThat(succession.step(at(1_100), follows(N1, 3, 1_100), VOTERS)).isTrue();
    assertThat(succession.step(at(1_119), follows(N1, 3, 1_100), VOTERS)).isFalse();
    assertThat(succession.step(at(1_120), follows(N1, 3, 1_100), VOTERS)).isTrue();
  }
}
