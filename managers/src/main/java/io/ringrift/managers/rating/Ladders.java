package io.ringrift.managers.rating;

import io.ringrift.state.v1.ReadMatchesResponse;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;

/// Ladders that were computed last, one computation at a time: many who ask at once share one. Any
/// thread.
final class Ladders {
  private static final int MOST_KEPT = 32;

  /// SPEC 1.8: the random player is pinned.
  private static final Map<String, Double> PINNED = Map.of("random", 400.0);

  /// Both views of one set of matches.
  record Views(Ladder ladder, Map<String, EloTable.Line> elo) {}

  /// @param newest sequence of the newest match: matches never change, so this and their number
  ///   tell one set from another
  private record Computed(long newest, int matches, Views views) {
    boolean isOf(ReadMatchesResponse found) {
      return newest == Ladders.newest(found) && matches == found.getMatchesCount();
    }
  }

  private final ReentrantLock lock = new ReentrantLock();
  private final LinkedHashMap<String, Computed> kept = new LinkedHashMap<>();

  /// @param found rated matches of this configuration, newest first
  Views of(String configKey, ReadMatchesResponse found) {
    lock.lock();
    try {
      Computed last = kept.remove(configKey);
      Computed now = last != null && last.isOf(found) ? last : compute(found);
      kept.put(configKey, now);
      if (kept.size() > MOST_KEPT) {
        kept.pollFirstEntry();
      }
      return now.views();
    } finally {
      lock.unlock();
    }
  }

  private static Computed compute(ReadMatchesResponse found) {
    List<Match> matches =
        found.getMatchesList().stream()
            .map(
                stored ->
                    new Match(
                        stored.getMatchId(),
                        stored.getLedgerMillis(),
                        stored.getParticipantsList(),
                        stored.getPlacesList(),
                        stored.getConfigKey(),
                        stored.getRated()))
            .toList();
    var elo = new HashMap<String, EloTable.Line>();
    EloTable.of(matches, PINNED).forEach(line -> elo.put(line.name(), line));
    return new Computed(newest(found), matches.size(), new Views(Ladder.of(matches), elo));
  }

  private static long newest(ReadMatchesResponse found) {
    return found.getMatchesCount() == 0 ? 0 : found.getMatches(0).getSequence();
  }
}
