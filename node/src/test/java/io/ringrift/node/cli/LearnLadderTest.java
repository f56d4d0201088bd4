package io.ringrift.node.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.ringrift.managers.rating.Ladder;
import io.ringrift.managers.rating.Match;
import io.ringrift.rating.v1.CompareParticipantsResponse;
import io.ringrift.rating.v1.Rung;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// The ladder that the learning demo prints and draws.
final class LearnLadderTest {
  private static final Ladder LADDER =
      Ladder.of(
          IntStream.range(0, 60)
              .mapToObj(
                  i ->
                      new Match(
                          "m" + i,
                          i,
                          List.of("hex5_2p-1", "untrained"),
                          i < 45 ? List.of(1, 2) : List.of(2, 1),
                          "hex5_2p",
                          true))
              .toList());

  private static List<Rung> rungs() {
    return LADDER.rungs().stream()
        .map(
            rung ->
                Rung.newBuilder()
                    .setParticipant(rung.name())
                    .setRating(rung.elo())
                    .setLow(rung.low())
                    .setHigh(rung.high())
                    .setGames(rung.games())
                    .build())
        .toList();
  }

  private static CompareParticipantsResponse compare(String participant) {
    var difference = LADDER.difference(participant, "untrained");
    return CompareParticipantsResponse.newBuilder()
        .setDifference(difference.elo())
        .setLow(difference.low())
        .setHigh(difference.high())
        .build();
  }

  @Test
  void intervalsAreThoseOfTheDifferenceToTheUntrainedNetwork() {
    var shown = LearnRun.overUntrained(rungs(), LearnLadderTest::compare);
    var difference = LADDER.difference("hex5_2p-1", "untrained");
    var model = shown.getFirst();
    assertThat(model.getParticipant()).isEqualTo("hex5_2p-1");
    assertThat(model.getGames()).isEqualTo(60);
    assertThat(model.getRating()).isEqualTo(difference.elo());
    assertThat(model.getHigh() - model.getLow())
        .isEqualTo(difference.high() - difference.low(), within(1e-9));
    assertThat(model.getHigh() - model.getLow())
        .isGreaterThan(1.9 * (rungs().getFirst().getHigh() - rungs().getFirst().getLow()));
    assertThat(shown.get(1))
        .returns("untrained", Rung::getParticipant)
        .returns(0.0, Rung::getRating)
        .returns(0.0, Rung::getLow)
        .returns(0.0, Rung::getHigh);
  }

  @Test
  void withoutTheUntrainedNetworkNothingIsShownAsOverIt() {
    assertThat(LearnRun.overUntrained(rungs().subList(0, 1), LearnLadderTest::compare)).isEmpty();
  }

  @Test
  void thePlotDrawsWhatItIsGiven() {
    var shown = LearnRun.overUntrained(rungs(), LearnLadderTest::compare);
    var model = shown.getFirst();
    assertThat(EloPlot.svg("hex5_2p: Elo over the untrained network", shown.reversed()))
        .contains(
            String.format(
                java.util.Locale.ROOT,
                "hex5_2p-1 %+.0f [%+.0f, %+.0f], 60 games",
                model.getRating(),
                model.getLow(),
                model.getHigh()))
        .contains("untrained +0 [+0, +0]");
  }
}
