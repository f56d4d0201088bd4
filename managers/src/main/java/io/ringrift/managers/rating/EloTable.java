package io.ringrift.managers.rating;

import io.ringrift.kernel.Pure;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// Elo ratings as the seeds keep them (SPEC 1.8): everybody begins with 1500, K is 32, and all
/// rated matches of one configuration are replayed in the order of time, so that the table is a
/// function of the set of matches. With more than two participants every pair counts as a game with
/// K divided by the number of opponents. Pinned participants keep their rating.
@Pure
public final class EloTable {
  /// Where everybody begins.
  public static final double INITIAL = 1500;

  private static final double K = 32;
  private static final double SCALE = 400;

  /// One participant's line.
  ///
  /// @param peak greatest rating so far
  public record Line(
      String name, double rating, double peak, int games, int wins, int losses, int draws) {
    private static Line begin(String name, double rating) {
      return new Line(name, rating, rating, 0, 0, 0, 0);
    }

    private Line after(double change, double score, boolean pinned) {
      double now = pinned ? rating : rating + change;
      return new Line(
          name,
          now,
          Math.max(peak, now),
          games + 1,
          wins + (score > 0.5 ? 1 : 0),
          losses + (score < 0.5 ? 1 : 0),
          draws + (score == 0.5 ? 1 : 0));
    }
  }

  private EloTable() {}

  /// What a participant may expect to score against another.
  public static double expected(double rating, double against) {
    return 1 / (1 + StrictMath.pow(10, (against - rating) / SCALE));
  }

  /// The table, best first.
  ///
  /// @param matches in any order; those that are not rated are passed over, a repeated id counts
  ///   once
  /// @param pinned ratings that stay as they are, by name
  public static List<Line> of(Collection<Match> matches, Map<String, Double> pinned) {
    var byId = new TreeMap<String, Match>();
    matches.stream().filter(Match::rated).forEach(match -> byId.putIfAbsent(match.id(), match));
    var lines = new TreeMap<String, Line>();
    byId.values().stream().sorted(Match.ORDER).forEach(match -> play(match, lines, pinned));
    var table = new ArrayList<>(lines.values());
    table.sort(
        (a, b) -> {
          int order = Double.compare(b.rating(), a.rating());
          return order != 0 ? order : a.name().compareTo(b.name());
        });
    return List.copyOf(table);
  }

  private static void play(Match match, Map<String, Line> lines, Map<String, Double> pinned) {
    List<String> names = match.participants();
    var before = new ArrayList<Line>();
    for (String name : names) {
      double start = pinned.getOrDefault(name, INITIAL);
      before.add(lines.computeIfAbsent(name, n -> Line.begin(n, start)));
    }
    double k = K / (names.size() - 1);
    for (int seat = 0; seat < names.size(); seat++) {
      double change = 0;
      double sum = 0;
      for (int other = 0; other < names.size(); other++) {
        if (other != seat) {
          double score = match.score(seat, other);
          sum += score;
          change += k * (score - expected(before.get(seat).rating(), before.get(other).rating()));
        }
      }
      boolean fixed = pinned.containsKey(names.get(seat));
      double share = sum / (names.size() - 1);
      lines.put(names.get(seat), before.get(seat).after(change, share, fixed));
    }
  }
}
