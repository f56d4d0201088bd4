package io.ringrift.managers.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.ringrift.kernel.Reason;
import io.ringrift.rating.v1.CompareParticipantsRequest;
import io.ringrift.rating.v1.GetLadderRequest;
import io.ringrift.rating.v1.ListMatchesRequest;
import io.ringrift.rating.v1.Match;
import io.ringrift.rating.v1.RatingServiceGrpc;
import io.ringrift.rating.v1.RecordMatchesRequest;
import io.ringrift.rating.v1.Rung;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/// Matches and ratings as clients meet them.
class MatchesTest extends QueueBed {
  private RatingServiceGrpc.RatingServiceBlockingStub rating() {
    return RatingServiceGrpc.newBlockingStub(channel).withDeadlineAfter(20, TimeUnit.SECONDS);
  }

  private static Match.Builder match(int number, String winner, String loser) {
    return Match.newBuilder()
        .setMatchId("m" + number)
        .setConfigKey("hex5_2p")
        .addParticipants(winner)
        .addParticipants(loser)
        .addPlaces(1)
        .addPlaces(2)
        .setRated(true);
  }

  private int record(Match.Builder... matches) {
    var request = RecordMatchesRequest.newBuilder();
    for (Match.Builder match : matches) {
      request.addMatches(match);
    }
    return rating().recordMatches(request.build()).getAdded();
  }

  @Test
  void aMatchCountsOnceHoweverOftenItIsRecorded() {
    assertThat(record(match(1, "new", "old"), match(2, "new", "old"))).isEqualTo(2);
    assertThat(record(match(2, "new", "old"), match(3, "new", "random"), match(3, "new", "random")))
        .isEqualTo(1);
    var ladder = rating().getLadder(GetLadderRequest.newBuilder().setConfigKey("hex5_2p").build());
    assertThat(ladder.getMatches()).isEqualTo(3);
    assertThat(ladder.getRungsList()).extracting(Rung::getParticipant).startsWith("new");
    assertThat(ladder.getRungs(0).getWins()).isEqualTo(3);
    var compared =
        rating()
            .compareParticipants(
                CompareParticipantsRequest.newBuilder()
                    .setConfigKey("hex5_2p")
                    .setParticipant("new")
                    .setOther("old")
                    .build());
    assertThat(compared.getDifference()).isPositive();
    assertThat(compared.getLow()).isLessThan(compared.getDifference());
  }

  @Test
  void aMatchOfFourIsRecordedWithItsPlacesAndRatesAllFour() {
    var table =
        Match.newBuilder()
            .setMatchId("four")
            .setConfigKey("hex8_4p")
            .addAllParticipants(List.of("a", "b", "c", "d"))
            .addAllPlaces(List.of(2, 1, 4, 2))
            .setRated(true);
    assertThat(record(table)).isEqualTo(1);
    assertThatThrownBy(() -> record(table.clone().setMatchId("five").addPlaces(1)))
        .hasMessageContaining("matches[0].places");

    var ladder = rating().getLadder(GetLadderRequest.newBuilder().setConfigKey("hex8_4p").build());

    assertThat(ladder.getRungsList())
        .extracting(Rung::getParticipant)
        .startsWith("b")
        .contains("a", "d")
        .endsWith("c");
    assertThat(ladder.getRungs(1).getRating())
        .isCloseTo(ladder.getRungs(2).getRating(), within(1e-6));
    assertThat(ladder.getRungs(0).getElo()).isCloseTo(1516, within(1e-6));
  }

  @Test
  void anotherMatchUnderTheSameIdIsRefusedAndNothingIsHalfRecorded() {
    record(match(1, "a", "b"));
    assertThatThrownBy(() -> record(match(2, "a", "b"), match(1, "b", "a")))
        .satisfies(e -> assertThat(reasonOf(e)).isEqualTo(Reason.INVALID_ARGUMENT))
        .hasMessageContaining("m1");
    assertThatThrownBy(() -> record(match(3, "a", "b"), match(3, "b", "a")))
        .hasMessageContaining("m3");
    assertThatThrownBy(() -> record(match(4, "a", "a")))
        .hasMessageContaining("matches[0].participants");
    assertThatThrownBy(() -> record(match(5, "a", "b").setConfigKey("hex_in_space")))
        .hasMessageContaining("config_key");
    assertThat(rating().listMatches(ListMatchesRequest.getDefaultInstance()).getMatchesList())
        .extracting(Match::getMatchId)
        .containsExactly("m1");
  }

  @Test
  void matchesAreListedNewestFirstInPages() {
    for (int i = 1; i <= 5; i++) {
      record(match(i, "a", i % 2 == 0 ? "b" : "c"));
    }
    var request = ListMatchesRequest.newBuilder().setPageSize(2).setParticipant("c");
    var first = rating().listMatches(request.build());
    var second = rating().listMatches(request.setPageToken(first.getNextPageToken()).build());
    assertThat(first.getMatchesList()).extracting(Match::getMatchId).containsExactly("m5", "m3");
    assertThat(second.getMatchesList()).extracting(Match::getMatchId).containsExactly("m1");
    assertThat(second.getNextPageToken()).isEmpty();
  }
}
