package io.ringrift.managers.selfplay;

import io.ringrift.kernel.Pure;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/// How varied the newest choices are (SPEC 5.5, diversity).
///
/// @param items choices counted
/// @param byMode games by engine mode
/// @param byConfig games by configuration
/// @param byDifficulty games by strength of the search
/// @param symmetric games in which both sides play alike
/// @param asymmetric the others
@Pure
record Diversity(
    int items,
    SortedMap<String, Long> byMode,
    SortedMap<String, Long> byConfig,
    SortedMap<String, Long> byDifficulty,
    long symmetric,
    long asymmetric) {
  /// Choices that are looked back at.
  static final int WINDOW = 1000;

  static final Diversity NONE =
      new Diversity(0, new TreeMap<>(), new TreeMap<>(), new TreeMap<>(), 0, 0);

  /// @param simulations of the search for a move; 0 when the choice does not say
  record Selection(String configKey, String mode, int simulations, long games) {
    /// Tiers of SPEC 1.2.
    String difficulty() {
      if (simulations <= 0) {
        return "default";
      }
      if (simulations < 150) {
        return "bootstrap";
      }
      if (simulations < 800) {
        return "standard";
      }
      if (simulations < 1600) {
        return "quality";
      }
      return simulations < 3200 ? "ultimate" : "master";
    }

    boolean asymmetric() {
      return mode.contains("-vs-") || mode.equals("tournament-varied");
    }
  }

  /// @param newestFirst only the first `WINDOW` count
  static Diversity of(List<Selection> newestFirst) {
    var counted = newestFirst.subList(0, Math.min(WINDOW, newestFirst.size()));
    var byMode = new TreeMap<String, Long>();
    var byConfig = new TreeMap<String, Long>();
    var byDifficulty = new TreeMap<String, Long>();
    long symmetric = 0;
    long asymmetric = 0;
    for (Selection one : counted) {
      byMode.merge(one.mode(), one.games(), Long::sum);
      byConfig.merge(one.configKey(), one.games(), Long::sum);
      byDifficulty.merge(one.difficulty(), one.games(), Long::sum);
      symmetric += one.asymmetric() ? 0 : one.games();
      asymmetric += one.asymmetric() ? one.games() : 0;
    }
    return new Diversity(counted.size(), byMode, byConfig, byDifficulty, symmetric, asymmetric);
  }

  /// 0 when there are no games.
  double asymmetricRatio() {
    long all = symmetric + asymmetric;
    return all == 0 ? 0 : (double) asymmetric / all;
  }

  /// Share of each engine mode.
  Map<String, Double> modeShares() {
    double all = symmetric + asymmetric;
    var shares = new TreeMap<String, Double>();
    byMode.forEach((mode, games) -> shares.put(mode, all == 0 ? 0 : games / all));
    return shares;
  }
}
