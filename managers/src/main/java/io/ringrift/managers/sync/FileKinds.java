package io.ringrift.managers.sync;

import io.ringrift.kernel.Pure;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/// What a file is, told by its path alone (SPEC 1.1 and 5.3).
@Pure
final class FileKinds {
  /// Folders under the data root that hold data files.
  static final List<String> FOLDERS = List.of("selfplay", "models", "training", "games");

  /// The more particular name first: anything that begins with hex8 is not hexagonal.
  private static final Pattern BOARD =
      Pattern.compile(
          "(?<hexn>hex(?:5|6|7|8|9|10|11)(?!\\d))"
              + "|(?<square>(?:square|sq)(?:8|19)(?!\\d))"
              + "|(?<hex>hexagonal|hex(?!\\d))");

  private static final Pattern PLAYERS = Pattern.compile("(?<![0-9])([234])p(?![a-z0-9])");

  private FileKinds() {}

  /// selfplay, model, training or games; empty for what is no data file.
  static Optional<String> typeOf(String path) {
    int slash = path.indexOf('/');
    String folder = slash < 0 ? "" : path.substring(0, slash);
    return switch (folder) {
      case "selfplay" -> typed("selfplay", path, ".jsonl", ".db");
      case "models" -> typed("model", path, ".pt", ".pth", ".onnx", ".bin");
      case "training" -> typed("training", path, ".npz", ".checkpoint");
      case "games" -> typed("games", path, ".db");
      default -> Optional.empty();
    };
  }

  private static Optional<String> typed(String type, String path, String... endings) {
    for (String ending : endings) {
      if (path.endsWith(ending)) {
        return Optional.of(type);
      }
    }
    return Optional.empty();
  }

  /// Board and players, for example hex8_2p; empty when the path does not tell both.
  static String configKey(String path) {
    String lower = path.toLowerCase(Locale.ROOT);
    var players = PLAYERS.matcher(lower);
    String board = board(lower);
    return board.isEmpty() || !players.find() ? "" : board + "_" + players.group(1) + "p";
  }

  private static String board(String lower) {
    var boards = BOARD.matcher(lower);
    String general = "";
    while (boards.find()) {
      if (boards.group("hexn") != null) {
        return boards.group("hexn");
      }
      if (boards.group("square") != null) {
        return lower.startsWith("sq", boards.start()) && !lower.startsWith("squ", boards.start())
            ? "square" + boards.group("square").substring(2)
            : boards.group("square");
      }
      general = "hexagonal";
    }
    return general;
  }
}
