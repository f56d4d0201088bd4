package io.ringrift.workloads.hex;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.DoublePredicate;

/// The words of a command line as pairs of name and value. Each faulty value is refused with its
/// name, what it was and the rule. An optional option with an empty value counts as left out, so
/// that a job template can name it always.
final class Options {
  static final String PARAM = "--param";
  static final String SIMULATIONS = "--simulations";

  private final Map<String, String> values;
  private final List<String> params;

  private Options(Map<String, String> values, List<String> params) {
    this.values = values;
    this.params = params;
  }

  /// Reads the words; `--param` may stand several times, everything else once.
  static Options read(List<String> words, Set<String> required, Set<String> optional)
      throws UsageException {
    var values = new LinkedHashMap<String, String>();
    var params = new ArrayList<String>();
    for (int i = 0; i < words.size(); i += 2) {
      String word = words.get(i);
      String name = word.equals("--sims") ? SIMULATIONS : word;
      if (!required.contains(name) && !optional.contains(name)) {
        throw new UsageException("\"" + word + "\" is no option");
      }
      if (i + 1 == words.size()) {
        throw new UsageException(word + " lacks its value");
      }
      String value = words.get(i + 1);
      if (name.equals(PARAM)) {
        params.add(value);
      } else if (required.contains(name) || !value.isEmpty()) {
        putOnce(values, name, value, name);
      }
    }
    for (String name : required.stream().sorted().toList()) {
      if (!values.containsKey(name)) {
        throw new UsageException(name + " is missing");
      }
    }
    return new Options(values, params);
  }

  static void putOnce(Map<String, String> map, String key, String value, String shown)
      throws UsageException {
    if (map.put(key, value) != null) {
      throw new UsageException(shown + " is given twice");
    }
  }

  /// The values of `--param`, in order.
  List<String> params() {
    return params;
  }

  Optional<String> given(String name) {
    return Optional.ofNullable(values.get(name));
  }

  String text(String name, String otherwise) {
    return values.getOrDefault(name, otherwise);
  }

  /// The board; `--players`, when given, has to be 2.
  Grid grid() throws UsageException {
    String board = text("--board", "");
    var grid = Grid.named(board);
    if (grid.isEmpty()) {
      throw new UsageException("--board", board, "one of hex5 to hex11");
    }
    whole("--players", text("--players", "2"), 2, 2, "2: Hex is for two");
    return grid.get();
  }

  /// Signed and unsigned texts of one 64-bit number are the same seed.
  long seed() throws UsageException {
    String text = text("--seed", "");
    try {
      return text.startsWith("-") ? Long.parseLong(text) : Long.parseUnsignedLong(text);
    } catch (NumberFormatException e) {
      throw new UsageException("--seed", text, "a whole number of 64 bits");
    }
  }

  int whole(String name, int otherwise, int least, int most) throws UsageException {
    String text = text(name, Integer.toString(otherwise));
    return (int) whole(name, text, least, most, least + " to " + most);
  }

  static long whole(String name, String text, long least, long most, String rule)
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

  static double fraction(String name, String text, DoublePredicate allowed, String rule)
      throws UsageException {
    try {
      double number = Double.parseDouble(text);
      if (Double.isFinite(number) && allowed.test(number)) {
        return number;
      }
    } catch (NumberFormatException e) {
      throw new UsageException(name, text, rule);
    }
    throw new UsageException(name, text, rule);
  }

  /// An absolute path; a relative one begins at `--root` or the working directory.
  Path path(String name, String rule) throws UsageException {
    return path(name, text(name, ""), rule);
  }

  /// A file below the root as whoever gave the root knows it; any other in full.
  static String below(Path root, Path file) {
    Path folder = root.toAbsolutePath().normalize();
    Path whole = file.toAbsolutePath().normalize();
    return whole.startsWith(folder) ? folder.relativize(whole).toString() : file.toString();
  }

  /// The folder where relative paths begin.
  Path root() throws UsageException {
    return given("--root").isPresent() ? path("--root", "a folder") : Path.of("").toAbsolutePath();
  }

  Path path(String name, String text, String rule) throws UsageException {
    try {
      if (!text.isBlank()) {
        return Path.of(text("--root", "")).resolve(text).toAbsolutePath();
      }
    } catch (InvalidPathException e) {
      throw new UsageException(name, text, rule);
    }
    throw new UsageException(name, text, rule);
  }

  /// A model that is whole and plays on the board.
  Model model(String name, String text, Grid grid) throws UsageException {
    Path file = path(name, text, "the file of a model");
    try {
      return ModelFile.read(file, grid);
    } catch (BadFileException e) {
      throw new UsageException(
          name, text, "a whole model of " + grid.name() + ", which it is not: " + e.getMessage());
    }
  }
}
