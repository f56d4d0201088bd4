package io.ringrift.managers.selfplay;

import io.ringrift.kernel.Pure;
import io.ringrift.managers.selfplay.Modifiers.Active;
import io.ringrift.managers.selfplay.PriorityTable.Entry;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.Set;

/// What an entry of the priority table is worth now: the sum of SPEC 5.5's terms with the H
/// additions, times the factors, rounded, at least 1 (R).
@Pure
final class Weights {
  static final double TARGET_ELO = 2000;

  private static final double START_ELO = 1500;
  private static final double NEUTRAL_ELO = 1200;
  private static final Set<String> LARGE = Set.of("hexagonal", "square19");

  private Weights() {}

  /// What is known of a configuration.
  ///
  /// @param curriculum weight, 1 is neutral
  /// @param boardPriority 0 critical, 1 high, 2 medium, 3 low
  /// @param bestElo empty without rated matches
  /// @param games empty until the manifests are known
  record Signals(
      double curriculum,
      int boardPriority,
      OptionalDouble bestElo,
      OptionalLong games,
      Active modifiers) {
    static final Signals NEUTRAL =
        new Signals(1, 3, OptionalDouble.empty(), OptionalLong.empty(), Active.NONE);
  }

  /// @param factor multiplied with the sum instead of added
  record Term(String name, double value, boolean factor) {}

  /// @param effective at least 1
  /// @param terms what it is made of
  record Scored(Entry entry, int effective, List<Term> terms) {}

  static Scored score(Entry entry, Signals signals) {
    var terms = new ArrayList<Term>();
    add(terms, "static", entry.priority());
    add(terms, "elo_boost", eloBoost(entry.config(), signals.bestElo()));
    add(terms, "curriculum", clamp(towardsZero((signals.curriculum() - 1) * 4), -2, 3));
    add(terms, "board_override", (3 - signals.boardPriority()) * 2);
    add(terms, "rate", clamp(towardsZero((signals.modifiers().rate() - 1) * 5), -3, 5));
    if (signals.games().isPresent()) {
      add(terms, "games_needed", gamesNeeded(signals.games().getAsLong()));
      add(terms, "staleness", staleness(signals.modifiers()));
    }
    double sum = terms.stream().mapToDouble(Term::value).sum();
    int factors = terms.size();
    multiply(terms, "elo_gap", eloGap(signals.bestElo()));
    multiply(terms, "exploration_boost", signals.modifiers().exploration());
    multiply(terms, "training_boost", signals.modifiers().trained());
    multiply(terms, "promotion_penalty", signals.modifiers().penalty());
    double product =
        terms.subList(factors, terms.size()).stream()
            .mapToDouble(Term::value)
            .reduce(sum, (a, b) -> a * b);
    return new Scored(entry, (int) Math.max(1, Math.round(product)), List.copyOf(terms));
  }

  private static void add(List<Term> terms, String name, int value) {
    if (value != 0) {
      terms.add(new Term(name, value, false));
    }
  }

  private static void multiply(List<Term> terms, String name, double value) {
    if (value != 1) {
      terms.add(new Term(name, value, true));
    }
  }

  /// At most 5.
  static int eloBoost(ConfigKey config, OptionalDouble best) {
    double elo = best.orElse(NEUTRAL_ELO);
    int boost = elo > NEUTRAL_ELO ? (int) Math.min(3, Math.floor((elo - NEUTRAL_ELO) / 100)) : 0;
    boost += LARGE.contains(config.board()) ? 1 : 0;
    return boost + (config.players() > 2 ? 1 : 0);
  }

  private static int gamesNeeded(long games) {
    if (games < 50) {
      return 100;
    }
    if (games < 500) {
      return 75;
    }
    if (games < 2000) {
      return 50;
    }
    return games < 5000 ? 25 : 0;
  }

  private static int staleness(Active modifiers) {
    Optional<java.time.Duration> since = modifiers.sinceTraining();
    if (since.isEmpty()) {
      return 5;
    }
    double hours = since.get().toMillis() / 3_600_000.0;
    if (hours > 72) {
      return 10;
    }
    if (hours > 48) {
      return 7;
    }
    if (hours > 24) {
      return 5;
    }
    if (hours > 12) {
      return 3;
    }
    return hours > 6 ? 1 : 0;
  }

  /// 3 at the rating that everybody begins with, 0.3 at the target, in a straight line between.
  private static double eloGap(OptionalDouble best) {
    if (best.isEmpty()) {
      return 1;
    }
    double missing = (TARGET_ELO - best.getAsDouble()) / (TARGET_ELO - START_ELO);
    return 0.3 + 2.7 * Math.max(0, Math.min(1, missing));
  }

  /// As the formulas say, but 1.2 is a fifth more than 1 although doubles fall short of it.
  private static int towardsZero(double value) {
    return (int) (value + Math.copySign(1e-9, value));
  }

  private static int clamp(int value, int least, int most) {
    return Math.max(least, Math.min(most, value));
  }
}
