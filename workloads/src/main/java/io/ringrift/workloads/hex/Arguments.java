package io.ringrift.workloads.hex;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/// The command line of self-play, checked.
///
/// @param mode name of the engine after aliases
/// @param model SHA-256 of the network that plays; empty for engines without one
/// @param openingMoves random moves at the beginning of each game
record Arguments(
    Grid grid,
    int games,
    String mode,
    Engine engine,
    String model,
    long seed,
    Path output,
    String jobId,
    int openingMoves) {
  static final String USAGE =
      """
      Plays Hex against itself and writes the games to one SQLite file.

      usage: hex-selfplay --board hex8 --games N --engine MODE --seed S --output DIR --job-id ID
                          [--players 2] [--model FILE] [--sims N] [--root DIR]
                          [--param KEY=VALUE]...

        --board        hex5 to hex11, the number being cells along an edge
        --players      2; Hex has no other number
        --games        1 to 1000000
        --engine       random, heuristic, mcts or nn (also random-only, heuristic-only,
                       gumbel-mcts, nn-only)
        --model        network of nn; the untrained one of the seed when left out or empty
        --seed         whole number of 64 bits; the same seed plays the same games
        --output       folder for the file, made when missing
        --job-id       1 to 100 of A-Z a-z 0-9 . _ -, not beginning with a dot
        --sims         or --simulations: of mcts (150) and nn (64) for a move, 1 to 1000000
        --root         folder where relative paths begin; the working directory when left out
        --param        simulations, exploration, rave (mcts), noise, temperature,
                       temperature-moves (nn) or opening-moves, set by name

      exit codes: 0 every game is in the file; 1 the file could not be written; 2 wrong usage;
                  143 stopped by SIGTERM, the games finished until then are in a file
      """;

  private static final Pattern JOB_ID = Pattern.compile("[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}");
  private static final Set<String> REQUIRED =
      Set.of("--board", "--games", "--engine", "--seed", "--output", "--job-id");
  private static final Set<String> OPTIONAL =
      Set.of("--players", "--model", "--root", Options.SIMULATIONS, Options.PARAM);
  private static final List<String> PARAMS =
      List.of(
          "simulations",
          "exploration",
          "rave",
          "noise",
          "temperature",
          "temperature-moves",
          "opening-moves");

  static Arguments parse(List<String> words) throws UsageException {
    var options = Options.read(words, REQUIRED, OPTIONAL);
    var params = params(options);
    Grid grid = options.grid();
    String jobId = options.text("--job-id", "");
    if (!JOB_ID.matcher(jobId).matches()) {
      throw new UsageException(
          "--job-id", jobId, "1 to 100 of A-Z a-z 0-9 . _ -, not beginning with a dot");
    }
    String mode = mode(options.text("--engine", ""));
    if (!mode.equals("nn") && options.given("--model").isPresent()) {
      throw new UsageException(
          "--model",
          options.text("--model", ""),
          "left out: engine " + mode + " plays without one");
    }
    var engine = engine(mode, params, options, grid);
    return new Arguments(
        grid,
        options.whole("--games", 0, 1, 1_000_000),
        mode,
        engine.engine(),
        engine.model(),
        options.seed(),
        options.path("--output", "a folder"),
        jobId,
        whole(params, "opening-moves", 1, 0, 10));
  }

  /// Beginning of every name that this run gives to a file.
  String stem() {
    String player = model.isEmpty() ? mode : mode + "-" + model.substring(0, 8);
    return grid.name() + "_2p_" + jobId + "_" + player + "_s" + seed;
  }

  private static Map<String, String> params(Options options) throws UsageException {
    var params = new LinkedHashMap<String, String>();
    for (String text : options.params()) {
      int equals = text.indexOf('=');
      if (equals < 1 || !PARAMS.contains(text.substring(0, equals))) {
        throw new UsageException("--param", text, "KEY=VALUE with a key of " + PARAMS);
      }
      Options.putOnce(
          params, text.substring(0, equals), text.substring(equals + 1), "--param " + text);
    }
    var simulations = options.given(Options.SIMULATIONS);
    if (simulations.isPresent()) {
      Options.putOnce(params, "simulations", simulations.get(), Options.SIMULATIONS);
    }
    return params;
  }

  private static String mode(String name) throws UsageException {
    return switch (name) {
      case "random", "random-only" -> "random";
      case "heuristic", "heuristic-only" -> "heuristic";
      case "mcts", "gumbel-mcts" -> "mcts";
      case "nn", "nn-only" -> "nn";
      default ->
          throw new UsageException(
              "--engine",
              name,
              "random, heuristic or mcts, or nn (or random-only, heuristic-only, gumbel-mcts,"
                  + " nn-only)");
    };
  }

  /// An engine and the digest of its model, if it has one.
  private record Player(Engine engine, String model) {}

  private static Player engine(String mode, Map<String, String> params, Options options, Grid grid)
      throws UsageException {
    var mcts =
        new MctsEngine(
            whole(params, "simulations", MctsEngine.DEFAULT_SIMULATIONS, 1, 1_000_000),
            fraction(params, "exploration", MctsEngine.DEFAULT_EXPLORATION, 10),
            whole(params, "rave", MctsEngine.DEFAULT_RAVE, 0, 1_000_000));
    return switch (mode) {
      case "random" -> new Player(new RandomEngine(), "");
      case "heuristic" -> new Player(new HeuristicEngine(), "");
      case "mcts" -> new Player(mcts, "");
      default -> network(params, options, grid);
    };
  }

  private static Player network(Map<String, String> params, Options options, Grid grid)
      throws UsageException {
    var file = options.given("--model");
    Model model =
        file.isPresent()
            ? options.model("--model", file.get(), grid)
            : Model.untrained(grid, options.seed());
    var engine =
        new NetworkEngine(
            model.network(),
            whole(params, "simulations", NetworkEngine.DEFAULT_SIMULATIONS, 1, 1_000_000),
            fraction(params, "exploration", NetworkEngine.DEFAULT_EXPLORATION, 10),
            fraction(params, "noise", NetworkEngine.DEFAULT_NOISE, 1),
            fraction(params, "temperature", 1, 10),
            whole(params, "temperature-moves", grid.cells() / 4, 0, 200));
    return new Player(engine, model.sha256());
  }

  private static int whole(
      Map<String, String> params, String key, int otherwise, int least, int most)
      throws UsageException {
    String text = params.getOrDefault(key, Integer.toString(otherwise));
    String name = key.equals("simulations") ? Options.SIMULATIONS : "--param " + key;
    return (int) Options.whole(name, text, least, most, least + " to " + most);
  }

  private static double fraction(
      Map<String, String> params, String key, double otherwise, double most) throws UsageException {
    String text = params.getOrDefault(key, Double.toString(otherwise));
    String rule = "0 to " + (int) most;
    return Options.fraction("--param " + key, text, x -> x >= 0 && x <= most, rule);
  }
}
