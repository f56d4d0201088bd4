package io.ringrift.workloads.hex;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;

/// The command line of a gauntlet, checked.
///
/// @param games even; each pair shares an opening
/// @param openings which of the seed's openings
/// @param limit longest time of a game; zero for no limit
record GauntletArguments(
    Grid grid,
    Player a,
    Player b,
    int games,
    Range openings,
    long seed,
    int simulations,
    Duration limit,
    Path out) {
  static final int MOST_GAMES = 10_000;
  static final String USAGE =
      """
      Lets two players of Hex meet in pairs of games with swapped colours.

      usage: hex-gauntlet --board hex5 --a PLAYER --b PLAYER --games N --seed S --out FILE
                          [--players 2] [--sims N] [--game-timeout SECONDS] [--root DIR]
                          [--skip-openings N] [--openings-total N]

        --board         hex5 to hex11
        --a, --b        the file of a model, or random, heuristic, mcts or untrained (the
                        untrained network of the seed)
        --games         2 to 10000, even; each pair has an opening of its own
        --skip-openings openings of the seed's sequence that other runs have; 0 when left out
        --openings-total
                        openings of all runs of the seed together, which decides how many moves
                        an opening has; --skip-openings and half of --games when left out
        --seed          whole number of 64 bits; the same seed plays the same games
        --sims          or --simulations: of mcts and networks for a move, 1 to 1000000;
                        64 when left out
        --game-timeout  1 to 3600 seconds; a longer game has no winner; 0, no limit, when left out
        --out           file for the games, a JSON line each, written once and whole
        --root          folder where relative paths begin; the working directory when left out

      stdout: a JSON line with games, wins, errors, Elo of A over B with its 95 % interval and, up
              to 4000 games, the outcome of each (a, b, e for an error, t for a timeout)
      exit codes: 0 all games were played; 1 something could not be written; 2 wrong usage;
                  143 stopped by SIGTERM, nothing was written
      """;

  private static final String SKIP = "--skip-openings";
  private static final String TOTAL = "--openings-total";
  private static final Set<String> REQUIRED =
      Set.of("--board", "--a", "--b", "--games", "--seed", "--out");
  private static final Set<String> OPTIONAL =
      Set.of("--players", Options.SIMULATIONS, "--game-timeout", "--root", SKIP, TOTAL);

  /// One side.
  ///
  /// @param name as it was given
  /// @param sha256 of the model; empty for engines without one
  record Player(String name, Engine engine, String sha256) {}

  /// Which openings of a sequence.
  ///
  /// @param skip those before, of other runs
  /// @param total openings of all runs together
  record Range(int skip, int count, int total) {
    /// Number of a game within the sequence, from 1.
    int number(int game) {
      return 2 * skip + game;
    }
  }

  static GauntletArguments parse(List<String> words) throws UsageException {
    var options = Options.read(words, REQUIRED, OPTIONAL);
    Grid grid = options.grid();
    int simulations =
        options.whole(Options.SIMULATIONS, NetworkEngine.DEFAULT_SIMULATIONS, 1, 1_000_000);
    int games = options.whole("--games", 0, 2, MOST_GAMES);
    if (games % 2 != 0) {
      throw new UsageException("--games", Integer.toString(games), "even: colours are swapped");
    }
    var openings = openings(options, grid, games / 2);
    return new GauntletArguments(
        grid,
        player("--a", options, grid, simulations),
        player("--b", options, grid, simulations),
        games,
        openings,
        options.seed(),
        simulations,
        Duration.ofSeconds(options.whole("--game-timeout", 0, 0, 3600)),
        options.path("--out", "a file"));
  }

  private static Range openings(Options options, Grid grid, int count) throws UsageException {
    int most = Openings.most(grid);
    if (count > most) {
      throw new UsageException(
          "--games",
          Integer.toString(2 * count),
          "at most " + 2 * most + ": " + grid.name() + " has no more openings");
    }
    int skip = options.whole(SKIP, 0, 0, most - count);
    return new Range(skip, count, options.whole(TOTAL, skip + count, skip + count, most));
  }

  private static Player player(String option, Options options, Grid grid, int simulations)
      throws UsageException {
    String name = options.text(option, "");
    return switch (name) {
      case "random" -> new Player(name, new RandomEngine(), "");
      case "heuristic" -> new Player(name, new HeuristicEngine(), "");
      case "mcts" ->
          new Player(
              name,
              new MctsEngine(simulations, MctsEngine.DEFAULT_EXPLORATION, MctsEngine.DEFAULT_RAVE),
              "");
      case "untrained" -> network(name, Model.untrained(grid, options.seed()), simulations);
      default -> network(name, options.model(option, name, grid), simulations);
    };
  }

  private static Player network(String name, Model model, int simulations) {
    return new Player(name, NetworkEngine.strict(model.network(), simulations), model.sha256());
  }
}
