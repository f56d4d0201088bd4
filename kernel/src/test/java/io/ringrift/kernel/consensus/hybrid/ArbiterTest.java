package io.ringrift.kernel.consensus.hybrid;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.time.Moment;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class ArbiterTest {
  private static final NodeId N1 = new NodeId("n1");
  private static final NodeId N2 = new NodeId("n2");
  private static final NodeId N3 = new NodeId("n3");

  private final Arbiter arbiter =
      new Arbiter(N1, Map.of(N1, 5, N2, 5, N3, 9), Duration.ofSeconds(10), Duration.ofSeconds(60));

  private long epoch = 1;

  private Optional<Epoch> leading() {
    return Optional.of(new Epoch(epoch));
  }

  private static Moment at(long seconds) {
    return new Moment(0).plus(Duration.ofSeconds(seconds));
  }

  @Test
  void theHighestRankIsNominatedOnceItHasBeenReadyForAWhile() {
    assertThat(arbiter.step(at(0), leading(), false, Set.of(N2, N3))).isEmpty();
    assertThat(arbiter.step(at(9), leading(), false, Set.of(N2, N3))).isEmpty();
    assertThat(arbiter.step(at(10), leading(), false, Set.of(N2, N3))).contains(N3);
  }

  @Test
  void equalPrioritiesAreRankedByNodeId() {
    arbiter.step(at(0), leading(), false, Set.of(N2));
    assertThat(arbiter.step(at(10), leading(), false, Set.of(N2))).contains(N2);
  }

  @Test
  void whoFlapsOrFallsBehindStartsOver() {
    arbiter.step(at(0), leading(), false, Set.of(N3));
    arbiter.step(at(8), leading(), false, Set.of());
    arbiter.step(at(9), leading(), false, Set.of(N3));
    assertThat(arbiter.step(at(18), leading(), false, Set.of(N3))).isEmpty();
    assertThat(arbiter.step(at(19), leading(), false, Set.of(N3))).contains(N3);
  }

  @Test
  void nominationsKeepTheirDistance() {
    arbiter.step(at(0), leading(), false, Set.of(N3));
    assertThat(arbiter.step(at(10), leading(), false, Set.of(N3))).contains(N3);
    assertThat(arbiter.step(at(30), leading(), false, Set.of(N3))).isEmpty();
    assertThat(arbiter.step(at(70), leading(), false, Set.of(N3))).contains(N3);
  }

  @Test
  void aFollowerNominatesNobodyNorDoesTheHighestRank() {
    arbiter.step(at(0), Optional.empty(), false, Set.of(N3));
    assertThat(arbiter.step(at(20), Optional.empty(), false, Set.of(N3))).isEmpty();
    var highest =
        new Arbiter(N3, Map.of(N1, 5, N3, 9), Duration.ofSeconds(1), Duration.ofSeconds(1));
    highest.step(at(0), leading(), false, Set.of(N1));
    assertThat(highest.step(at(20), leading(), false, Set.of(N1))).isEmpty();
  }

  @Test
  void whoIsNoConfiguredVoterIsNeverNominated() {
    arbiter.step(at(0), leading(), false, Set.of(new NodeId("z9")));
    assertThat(arbiter.step(at(20), leading(), false, Set.of(new NodeId("z9")))).isEmpty();
  }

  @Test
  void nobodyIsNominatedWhileTheVotersChangeAndTheWaitBeginsAnew() {
    arbiter.step(at(0), leading(), false, Set.of(N3));
    assertThat(arbiter.step(at(11), leading(), true, Set.of(N3))).isEmpty();
    assertThat(arbiter.step(at(12), leading(), false, Set.of(N3))).isEmpty();
    assertThat(arbiter.step(at(22), leading(), false, Set.of(N3))).contains(N3);
  }

  /// N3 takes the office at that moment and this node gets it back later.
  ///
  /// @return seconds from then until N3 is nominated again
  private long nominatedAgainAfter(long nominated, long back) {
    arbiter.step(at(nominated + 1), Optional.empty(), false, Set.of(N3));
    epoch += 2;
    long again = back;
    while (arbiter.step(at(again), leading(), false, Set.of(N3)).isEmpty()) {
      again++;
    }
    return again - back;
  }

  private void nominateFirst() {
    arbiter.step(at(0), leading(), false, Set.of(N3));
    assertThat(arbiter.step(at(10), leading(), false, Set.of(N3))).contains(N3);
  }

  @Test
  void whoGivesTheOfficeBackSoonIsNominatedEverLaterUpToABound() {
    nominateFirst();
    long nominated = 10;
    for (long wait : List.of(130L, 250L, 490L, 970L, 970L)) {
      long back = nominated + 30;
      assertThat(nominatedAgainAfter(nominated, back)).isEqualTo(wait);
      nominated = back + wait;
    }
  }

  @Test
  void aLongOfficeIsSteadyAndTheWaitBeginsSmallAgain() {
    nominateFirst();
    assertThat(nominatedAgainAfter(10, 40)).isEqualTo(130);
    assertThat(nominatedAgainAfter(170, 170 + 960)).isEqualTo(10);
    assertThat(nominatedAgainAfter(1140, 1150)).isEqualTo(130);
  }

  @Test
  void anotherVoterDoesNotWaitForOneThatGaveTheOfficeBack() {
    nominateFirst();
    arbiter.step(at(11), Optional.empty(), false, Set.of(N3));
    epoch += 2;
    arbiter.step(at(80), leading(), false, Set.of(N2, N3));
    assertThat(arbiter.step(at(90), leading(), false, Set.of(N2, N3))).contains(N2);
    assertThat(arbiter.step(at(160), leading(), false, Set.of(N2, N3))).contains(N2);
    arbiter.step(at(200), leading(), false, Set.of(N2, N3));
    assertThat(arbiter.step(at(220), leading(), false, Set.of(N2, N3))).contains(N3);
  }

  /// N3 was asked and did not take it.
  @Test
  void aLeaseThatRanOutForAMomentIsNoOfficeThatTheNomineeGaveBack() {
    nominateFirst();
    arbiter.step(at(11), Optional.empty(), false, Set.of(N3));
    arbiter.step(at(12), leading(), false, Set.of(N3));
    assertThat(arbiter.step(at(70), leading(), false, Set.of(N3))).contains(N3);
  }
}
