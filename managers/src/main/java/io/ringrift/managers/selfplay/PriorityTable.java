package io.ringrift.managers.selfplay;

import io.ringrift.kernel.Pure;
import java.util.ArrayList;
import java.util.List;

/// The table of static priorities, 19 entries (SPEC 5.5). A configuration that it does not name is
/// played mixed, with the priority of the plainest one.
@Pure
final class PriorityTable {
  /// @param mode engine mode of SPEC 1.2
  /// @param priority 3 to 8
  record Entry(ConfigKey config, String mode, int priority) {}

  static final List<Entry> ENTRIES = entries();

  private static final int UNNAMED = 5;

  private PriorityTable() {}

  private static List<Entry> entries() {
    var all = new ArrayList<Entry>();
    for (String board : List.of("hexagonal", "square19", "hex8")) {
      for (int players = 2; players <= 4; players++) {
        all.add(new Entry(new ConfigKey(board, players), "mixed", 8));
      }
    }
    all.add(entry("square8", 3, "mixed", 7));
    all.add(entry("square8", 4, "mixed", 7));
    all.add(entry("square8", 2, "heuristic-vs-mcts", 6));
    all.add(entry("hexagonal", 3, "heuristic-vs-mcts", 6));
    all.add(entry("square19", 2, "heuristic-vs-mcts", 6));
    all.add(entry("square8", 2, "mixed", 5));
    all.add(entry("square8", 2, "tournament-varied", 4));
    all.add(entry("hexagonal", 2, "tournament-varied", 4));
    all.add(entry("square8", 2, "mcts-only", 3));
    all.add(entry("hexagonal", 2, "descent-only", 3));
    return List.copyOf(all);
  }

  private static Entry entry(String board, int players, String mode, int priority) {
    return new Entry(new ConfigKey(board, players), mode, priority);
  }

  /// Entries of one configuration, at least one.
  static List<Entry> of(ConfigKey config) {
    var named = ENTRIES.stream().filter(entry -> entry.config().equals(config)).toList();
    return named.isEmpty() ? List.of(new Entry(config, "mixed", UNNAMED)) : named;
  }
}
