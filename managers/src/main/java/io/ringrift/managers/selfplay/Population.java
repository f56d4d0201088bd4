package io.ringrift.managers.selfplay;

import io.ringrift.kernel.Pure;
import io.ringrift.managers.selfplay.Weights.Scored;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleSupplier;

/// What the queue should be given next (SPEC 6, QueuePopulator).
@Pure
final class Population {
  /// Most items of one request.
  static final int MOST_ITEMS = 100;

  /// Below so many games a configuration is among those that places are kept for.
  static final long FEW_GAMES = 3000;

  private static final double KEPT_FOR_THOSE = 0.4;

  private Population() {}

  /// @param slots items that the queue has room for
  /// @param gamesPerItem games of each
  /// @param targetGames games at which a configuration has enough
  record Wanted(int slots, int gamesPerItem, long targetGames) {}

  /// Draws up to `slots` entries. 40 % of them, rounded up, go to configurations with few games
  /// while there are any; none to one that has enough, counting what was drawn before.
  ///
  /// @param games games that a configuration has or will have by what is in the queue
  /// @param draw uniform in [0, 1)
  static List<Scored> plan(
      Wanted wanted, Map<ConfigKey, Long> games, List<Scored> entries, DoubleSupplier draw) {
    var counts = new HashMap<>(games);
    var drawn = new ArrayList<Scored>();
    int slots = Math.min(MOST_ITEMS, wanted.slots());
    int kept = (int) Math.ceil(slots * KEPT_FOR_THOSE);
    while (drawn.size() < slots) {
      var open = below(entries, counts, wanted.targetGames());
      var few = below(open, counts, FEW_GAMES);
      var chosen = Choice.pick(drawn.size() < kept && !few.isEmpty() ? few : open, draw);
      if (chosen.isEmpty()) {
        return drawn;
      }
      drawn.add(chosen.get());
      counts.merge(chosen.get().entry().config(), (long) wanted.gamesPerItem(), Long::sum);
    }
    return drawn;
  }

  private static List<Scored> below(List<Scored> entries, Map<ConfigKey, Long> games, long enough) {
    return entries.stream()
        .filter(scored -> games.getOrDefault(scored.entry().config(), 0L) < enough)
        .toList();
  }
}
