package io.ringrift.managers.rating;

import io.ringrift.kernel.Refusal;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;

/// One finished game between two to four participants. Games that ended by an error or a timeout
/// are no matches.
///
/// @param id unique; ties in time are broken by it
/// @param millis when it ended, ledger time in milliseconds
/// @param participants names, in the order of their seats
/// @param places place of each participant, 1 the best; equal places are draws
/// @param config board and players, `hex5_2p`
/// @param rated counts for ratings; games of a gate do not
public record Match(
    String id,
    long millis,
    List<String> participants,
    List<Integer> places,
    String config,
    boolean rated) {
  /// The order in which ratings are replayed, the same on every node.
  static final Comparator<Match> ORDER =
      Comparator.comparingLong(Match::millis).thenComparing(Match::id);

  public Match {
    participants = List.copyOf(participants);
    places = List.copyOf(places);
    int seats = participants.size();
    if (seats < 2 || seats > 4) {
      throw Refusal.invalid("participants", seats + " names", "2 to 4 names");
    }
    if (new HashSet<>(participants).size() != seats) {
      throw Refusal.invalid("participants", participants.toString(), "different names");
    }
    if (places.size() != seats || places.stream().anyMatch(p -> p < 1 || p > seats)) {
      throw Refusal.invalid("places", places.toString(), "a place from 1 to " + seats + " each");
    }
  }

  /// What one participant scored against another: 1, 0.5 or 0.
  double score(int seat, int against) {
    int order = Integer.compare(places.get(against), places.get(seat));
    return (order + 1) / 2.0;
  }
}
