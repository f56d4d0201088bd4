package io.ringrift.workloads.hex;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/// The command line, checked.
///
/// @param mode name of the engine after aliases
/// @param openingMoves random moves at the beginning of each game
record Arguments(
    Grid grid,
    int games,
    String mode,
    Engine engine,
    long seed,
    Path output,
    String jobId,
    int openingMoves) {
  static final String USAGE =
      """
      Plays Hex against itself and writes the games to one SQLite file.

      usage: hex-selfplay --board hex8 --games N --engine MODE --seed S --output DIR --job-id ID
                          [--players 2] [--simulations N] [--param KEY=VALUE]...

        --board        hex5 to hex11, the number being cells along an edge
        --players      2; Hex has no other number
        --games        1 to 1000000
        --engine       random, heuristic or mcts (also random-only, heuristic-only, gumbel-mcts)
        --seed         whole number of 64 bits; the same seed plays the same games
        --output       folder for the file, made when missing
        --job-id       1 to 100 of A-Z a-z 0-9 . _ -, not beginning with a dot
        --simulations  playouts for a move of mcts, 1 to 1000000; 150 when left out
        --param        simulations, exploration, rave or opening-moves, set by name

      exit codes: 0 every game is in the file; 1 the file could not be written; 2 wrong usage;
                  143 stopped by SIGTERM, the games finished until then are in a file
      """;

  private static final Pattern JOB_ID = Pattern.compile("[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}");
  private static final Set<String> REQUIRED =
      Set.of("--board", "--games", "--engine", "--seed", "--output", "--job-id");
  private static final Set<String> OPTIONAL = Set.of("--players", "--simulations", "--param");
  private static final List<String> PARAMS =
      List.of("simulations", "exploration", "rave", "opening-moves");

  static Arguments parse(List<String> words) throws UsageException {
    var params = new LinkedHashMap<String, String>();
    var options = options(words, params);
    for (String name : REQUIRED.stream().sorted().toList()) {
      if (!options.containsKey(name)) {
        throw new UsageException(name + " is missing");
      }
    }
    String board = value(options, "--board");
    var grid = Grid.named(board);
    if (grid.isEmpty()) {
      throw new UsageException("--board", board, "one of hex5 to hex11");
    }
    number("--players", options.getOrDefault("--players", "2"), 2, 2, "2: Hex is for two");
    String jobId = value(options, "--job-id");
    if (!JOB_ID.matcher(jobId).matches()) {
      throw new UsageException(
          "--job-id", jobId, "1 to 100 of A-Z a-z 0-9 . _ -, not beginning with a dot");
    }
    String mode = mode(value(options, "--engine"));
    String opening = params.getOrDefault("opening-moves", "1");
    return new Arguments(
        grid.get(),
        (int) number("--games", value(options, "--games"), 1, 1_000_000, "1 to 1000000"),
        mode,
        engine(mode, params),
        seed(value(options, "--seed")),
        output(value(options, "--output")),
        jobId,
        (int) number("--param opening-moves", opening, 0, 10, "0 to 10"));
  }

  /// Beginning of every name that this run gives to a file.
  String stem() {
    return grid.name() + "_2p_" + jobId + "_" + mode + "_s" + seed;
  }

  private static Map<String, String> options(List<String> words, Map<String, String> params)
      throws UsageException {
    var options = new LinkedHashMap<String, String>();
    for (int i = 0; i < words.size(); i += 2) {
      String name = words.get(i);
      if (!REQUIRED.contains(name) && !OPTIONAL.contains(name)) {
        throw new UsageException("\"" + name + "\" is no option");
      }
      if (i + 1 == words.size()) {
        throw new UsageException(name + " lacks its value");
      }
      String value = words.get(i + 1);
      switch (name) {
        case "--param" -> addParam(value, params);
        case "--simulations" -> putOnce(params, "simulations", value, name);
        default -> putOnce(options, name, value, name);
      }
    }
    return options;
  }

  private static void addParam(String text, Map<String, String> params) throws UsageException {
    int equals = text.indexOf('=');
    if (equals < 1 || !PARAMS.contains(text.substring(0, equals))) {
      throw new UsageException("--param", text, "KEY=VALUE with a key of " + PARAMS);
    }
    putOnce(params, text.substring(0, equals), text.substring(equals + 1), "--param " + text);
  }

  private static void putOnce(Map<String, String> map, String key, String value, String shown)
      throws UsageException {
    if (map.put(key, value) != null) {
      throw new UsageException(shown + " is given twice");
    }
  }

  private static String value(Map<String, String> options, String name) {
    return options.getOrDefault(name, "");
  }

  private static String mode(String name) throws UsageException {
    return switch (name) {
      case "random", "random-only" -> "random";
      case "heuristic", "heuristic-only" -> "heuristic";
      case "mcts", "gumbel-mcts" -> "mcts";
      default ->
          throw new UsageException(
              "--engine",
              name,
              "random, heuristic or mcts (or random-only, heuristic-only, gumbel-mcts)");
    };
  }

  private static Engine engine(String mode, Map<String, String> params) throws UsageException {
    String simulations =
        params.getOrDefault("simulations", Integer.toString(MctsEngine.DEFAULT_SIMULATIONS));
    String rave = params.getOrDefault("rave", Integer.toString(MctsEngine.DEFAULT_RAVE));
    String exploration =
        params.getOrDefault("exploration", Double.toString(MctsEngine.DEFAULT_EXPLORATION));
    var mcts =
        new MctsEngine(
            (int) number("--simulations", simulations, 1, 1_000_000, "1 to 1000000"),
            fraction("--param exploration", exploration),
            (int) number("--param rave", rave, 0, 1_000_000, "0 to 1000000"));
    return switch (mode) {
      case "random" -> new RandomEngine();
      case "heuristic" -> new HeuristicEngine();
      default -> mcts;
    };
  }

  private static long number(String name, String text, long least, long most, String rule)
      throws UsageException {
    try {
      long number = Long.parseLong(text);
      if (number >= least && number <= most) {
        return number;
      }
    } catch (NumberFormatException e) {
      throw new UsageException(name, text, rule);
    }
    throw new UsageException(name, text, rule);
  }

  /// Signed and unsigned texts of one 64-bit number are the same seed.
  private static long seed(String text) throws UsageException {
    try {
      return text.startsWith("-") ? Long.parseLong(text) : Long.parseUnsignedLong(text);
    } catch (NumberFormatException e) {
      throw new UsageException("--seed", text, "a whole number of 64 bits");
    }
  }

  private static double fraction(String name, String text) throws UsageException {
    try {
      double number = Double.parseDouble(text);
      if (number >= 0 && number <= 10) {
        return number;
      }
    } catch (NumberFormatException e) {
      throw new UsageException(name, text, "0 to 10");
    }
    throw new UsageException(name, text, "0 to 10");
  }

  private static Path output(String text) throws UsageException {
    try {
      if (!text.isBlank()) {
        return Path.of(text).toAbsolutePath();
      }
    } catch (InvalidPathException e) {
      throw new UsageException("--output", text, "a folder");
    }
    throw new UsageException("--output", text, "a folder");
  }
}
