package io.ringrift.managers.training;

import io.ringrift.kernel.Pure;
import io.ringrift.rating.v1.Match;
import java.util.ArrayList;
import java.util.List;

/// Games of two, as rated matches.
@Pure
final class GameResults {
  private GameResults() {}

  /// Games that broke are no matches.
  ///
  /// @param idPrefix of the matches' ids, which end with the number of the game
  /// @param one who is `a` in the outcomes and moves first in every other game, from the first on
  /// @param outcomes a letter a game, see `PairOutcomes`
  static List<Match> matches(
      String idPrefix, String configKey, String one, String other, String outcomes) {
    var matches = new ArrayList<Match>();
    for (int game = 0; game < outcomes.length(); game++) {
      int points = PairOutcomes.points(outcomes.charAt(game));
      if (points >= 0) {
        boolean first = game % 2 == 0;
        int place = points == 0 ? 2 : 1;
        int otherPlace = points == 2 ? 2 : 1;
        matches.add(
            Match.newBuilder()
                .setMatchId("%s.%d".formatted(idPrefix, game + 1))
                .setConfigKey(configKey)
                .addParticipants(first ? one : other)
                .addParticipants(first ? other : one)
                .addPlaces(first ? place : otherPlace)
                .addPlaces(first ? otherPlace : place)
                .setRated(true)
                .build());
      }
    }
    return matches;
  }
}
