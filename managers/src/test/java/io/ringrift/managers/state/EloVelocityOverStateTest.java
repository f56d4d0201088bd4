package io.ringrift.managers.state;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringrift.event.v1.Event;
import io.ringrift.event.v1.EventServiceGrpc;
import io.ringrift.event.v1.ListEventsRequest;
import io.ringrift.rating.v1.Match;
import io.ringrift.rating.v1.RatingServiceGrpc;
import io.ringrift.rating.v1.RecordMatchesRequest;
import io.ringrift.selfplay.v1.WeightTerm;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/// From matches to the event of a ladder that climbs faster, and to the rate of self-play.
final class EloVelocityOverStateTest extends SelfplayBed {
  private int played;

  private void win(int times) {
    win("a", "b", times);
  }

  private void win(String winner, String loser, int times) {
    var request = RecordMatchesRequest.newBuilder();
    for (int i = 0; i < times; i++) {
      request.addMatches(
          Match.newBuilder()
              .setMatchId("m" + played++)
              .setConfigKey("hex5_2p")
              .addParticipants(winner)
              .addParticipants(loser)
              .addPlaces(1)
              .addPlaces(2)
              .setRated(true));
    }
    var _ = RatingServiceGrpc.newBlockingStub(channel).recordMatches(request.build());
  }

  /// A round of the leader of an epoch, a while later.
  private void roundAfter(Duration span, long epoch) {
    now = now.plus(span);
    round("selfplay_targets", epoch);
  }

  private List<Event> told() {
    return EventServiceGrpc.newBlockingStub(channel)
        .listEvents(ListEventsRequest.newBuilder().setPageSize(1000).build())
        .getEventsList()
        .stream()
        .filter(event -> event.getKind().equals("ELO_VELOCITY_CHANGED"))
        .toList();
  }

  private List<WeightTerm> rate() {
    round("selfplay_events", 1);
    return weight(HEX5).getTermsList().stream()
        .filter(term -> term.getName().equals("rate"))
        .toList();
  }

  @Test
  void aLadderThatClimbsFasterIsToldOnceAndTheRateFollows() {
    win(1);
    roundAfter(Duration.ZERO, 1);
    roundAfter(Duration.ofHours(3), 1);
    assertThat(told()).isEmpty();
    assertThat(rate()).isEmpty();
    win(10);
    roundAfter(Duration.ofMinutes(5), 1);
    roundAfter(Duration.ofMinutes(5), 1);
    assertThat(told())
        .singleElement()
        .satisfies(
            event -> {
              assertThat(event.getSubject()).isEqualTo("hex5_2p");
              assertThat(event.getAttributesOrThrow("trend")).isEqualTo("accelerating");
              assertThat(Double.parseDouble(event.getAttributesOrThrow("velocity")))
                  .isGreaterThan(5);
            });
    assertThat(rate()).singleElement().satisfies(term -> assertThat(term.getValue()).isEqualTo(1));
    // The same climb over a longer time is slower.
    roundAfter(Duration.ofHours(4), 1);
    assertThat(told())
        .extracting(event -> event.getAttributesOrThrow("trend"))
        .containsExactly("accelerating", "decelerating");
    assertThat(rate()).isEmpty();
  }

  @Test
  void anEngineWithoutANetworkIsNeverTheBest() {
    win("mcts", "a", 10);
    assertThat(weight(HEX5).getBestElo()).isPositive().isLessThan(1500);
  }

  @Test
  void aNewLeaderMeasuresAnew() {
    win(1);
    roundAfter(Duration.ZERO, 1);
    roundAfter(Duration.ofHours(3), 1);
    win(10);
    consensus.lead(2);
    roundAfter(Duration.ofMinutes(5), 2);
    assertThat(told()).isEmpty();
  }

  @Test
  void aLeaderOfBeforeTellsNothing() {
    win(1);
    roundAfter(Duration.ZERO, 1);
    roundAfter(Duration.ofHours(3), 1);
    win(10);
    consensus.lead(2);
    roundAfter(Duration.ofMinutes(5), 1);
    assertThat(told()).isEmpty();
  }
}
