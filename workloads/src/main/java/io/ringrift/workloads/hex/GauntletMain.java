package io.ringrift.workloads.hex;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.PrintStream;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;

/// A gauntlet of Hex. See `GauntletArguments.USAGE`.
public final class GauntletMain implements Program {
  /// Above, the line would be too long to be kept as the output of a work item.
  private static final int MOST_OUTCOMES = 4000;

  private final GauntletArguments run;
  private final PrintStream results;
  private final PrintStream progress;
  private final InstantSource clock;
  private volatile boolean stopping;

  GauntletMain(
      GauntletArguments run, PrintStream results, PrintStream progress, InstantSource clock) {
    this.run = run;
    this.results = results;
    this.progress = progress;
    this.clock = clock;
  }

  public static void main(String[] words) {
    GauntletArguments run;
    try {
      run = GauntletArguments.parse(List.of(words));
    } catch (UsageException e) {
      Program.refuse("hex-gauntlet", e, GauntletArguments.USAGE);
      return;
    }
    Program.runToExit(new GauntletMain(run, System.out, System.err, InstantSource.system()));
  }

  /// The game under way is finished first; nothing is written.
  @Override
  public void stop() {
    stopping = true;
  }

  /// Plays and publishes.
  @Override
  public int run() {
    var match = new Match(run.grid(), run.a().engine(), run.b().engine(), run.limit(), clock);
    var range = run.openings();
    var openings = Openings.of(run.grid(), run.seed(), range.skip() + range.count(), range.total());
    var games = new ArrayList<Match.Played>();
    for (int game = 1; game <= run.games(); game++) {
      if (stopping) {
        progress.println(
            "hex-gauntlet: stopped after " + games.size() + " games; nothing was written");
        return OK;
      }
      int number = range.number(game);
      int opening = (number - 1) / 2;
      long seed = Game.seedOf(run.seed(), number);
      var played = match.play(number, opening + 1, openings.get(opening), seed);
      games.add(played);
      progress.printf("game %d/%d %s%n", game, run.games(), played.outcome());
    }
    return publish(games);
  }

  private int publish(List<Match.Played> games) {
    String id = run.grid().name() + "_s" + run.seed();
    var lines = new StringBuilder();
    games.forEach(game -> lines.append(game.json(id)).append('\n'));
    try {
      WholeFile.publish(run.out(), lines.toString().getBytes(UTF_8));
    } catch (IOException e) {
      progress.println("hex-gauntlet: cannot write the games to " + run.out() + ": " + e);
      return FAILED;
    }
    results.println(summary(games));
    results.flush();
    return OK;
  }

  /// A letter a game, so that whoever reads the line can judge each pair.
  private static String outcomes(List<Match.Played> games) {
    var letters = new StringBuilder();
    games.forEach(
        game ->
            letters.append(
                switch (game.outcome()) {
                  case A -> 'a';
                  case B -> 'b';
                  case ERROR -> 'e';
                  case TIMEOUT -> 't';
                }));
    return letters.toString();
  }

  private Json summary(List<Match.Played> games) {
    var pairs = pairs(games);
    var elo = Elo.of(pairs);
    long aWins = count(games, Match.Outcome.A);
    long bWins = count(games, Match.Outcome.B);
    var json = head().put("games", games.size());
    if (games.size() <= MOST_OUTCOMES) {
      json.put("outcomes", outcomes(games));
    }
    return json.put("a_wins", aWins)
        .put("b_wins", bWins)
        .put("errors", games.size() - aWins - bWins)
        .put("timeouts", count(games, Match.Outcome.TIMEOUT))
        .put("pairs", pairs.size())
        .put("elo", elo.elo(), 1)
        .put("elo_low", elo.low(), 1)
        .put("elo_high", elo.high(), 1)
        .put("out", run.out().toString());
  }

  private Json head() {
    return new Json()
        .put("board", run.grid().name())
        .put("a", run.a().name())
        .put("a_sha256", run.a().sha256())
        .put("b", run.b().name())
        .put("b_sha256", run.b().sha256())
        .put("seed", run.seed())
        .put("simulations", run.simulations())
        .put("skip_openings", run.openings().skip());
  }

  private static long count(List<Match.Played> games, Match.Outcome outcome) {
    return games.stream().filter(game -> game.outcome() == outcome).count();
  }

  /// Scores of A in the pairs whose two games have winners.
  private static List<Double> pairs(List<Match.Played> games) {
    var pairs = new ArrayList<Double>();
    for (int i = 0; i + 1 < games.size(); i += 2) {
      var pair = games.subList(i, i + 2);
      if (count(pair, Match.Outcome.A) + count(pair, Match.Outcome.B) == 2) {
        pairs.add(count(pair, Match.Outcome.A) / 2.0);
      }
    }
    return pairs;
  }
}
