package io.ringrift.workloads.hex;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.TreeMap;
import java.util.function.Consumer;

/// The games that one training learns from, in an order of their own: which file a game came from
/// and when the file was written decide whether it is among the newest, and nothing else.
///
/// @param hash SHA-256 over board and games, in hexadecimal
/// @param skipped files that were left out because they are damaged
record Dataset(List<TrainingGame> games, String hash, int skipped) {
  Dataset {
    games = List.copyOf(games);
  }

  /// A file and when it was last written.
  private record Dated(Path file, FileTime time) {}

  int positions() {
    return games.stream().mapToInt(game -> game.moves().length).sum();
  }

  /// Game files that a list names, a path below the root a line; none without a list.
  static List<Path> listed(Optional<Path> list, Path root) throws IOException {
    if (list.isEmpty()) {
      return List.of();
    }
    return Files.readAllLines(list.get()).stream()
        .filter(line -> line.endsWith(".db"))
        .map(root::resolve)
        .toList();
  }

  /// Reads the newest games below a folder. A damaged file is left out as a whole and told: its
  /// whole games may be wrong in ways that nobody sees.
  ///
  /// @param window most games; the newest files win, in a file the last games
  /// @param told takes a line for each file that is left out
  static Dataset read(Path folder, Grid grid, int window, Consumer<String> told)
      throws IOException {
    var games = new Gathered(window);
    int skipped = 0;
    for (Path file : newestFirst(folder)) {
      if (games.full()) {
        break;
      }
      try {
        games.add(read(file, grid, window));
      } catch (SQLException | BadFileException e) {
        skipped++;
        told.accept("left out " + file + ": " + e.getMessage());
      }
    }
    return games.as(grid, skipped);
  }

  /// Reads exactly these files, each of which has to be there. One whose content is damaged is left
  /// out as a whole: whoever named it named its hash, so it is damaged wherever it is read.
  ///
  /// @param window most games; those of the first files win, in a file the last games
  static Dataset exactly(List<Path> files, Grid grid, int window, Consumer<String> tell)
      throws BadFileException {
    var games = new Gathered(window);
    int skipped = 0;
    for (Path file : files) {
      if (!Files.isRegularFile(file)) {
        throw new BadFileException(file + " is not there");
      }
      try {
        games.add(read(file, grid, window));
      } catch (SQLException | BadFileException e) {
        tell.accept("left out " + file + ", which is damaged: " + e.getMessage());
        skipped++;
      }
    }
    return games.as(grid, skipped);
  }

  /// Games in an order of their own, up to the window.
  private record Gathered(int window, TreeMap<String, TrainingGame> games) {
    Gathered(int window) {
      this(window, new TreeMap<>());
    }

    boolean full() {
      return games.size() >= window;
    }

    /// The same game twice, as in a copy of a file, counts once.
    void add(List<TrainingGame> some) {
      for (TrainingGame game : some) {
        if (!full()) {
          games.put(game.id() + " " + game.digest(), game);
        }
      }
    }

    Dataset as(Grid grid, int skipped) {
      var digest = Digests.sha256();
      digest.update(grid.name().getBytes(US_ASCII));
      games.values().forEach(game -> digest.update(game.digest().getBytes(US_ASCII)));
      return new Dataset(
          List.copyOf(games.values()), HexFormat.of().formatHex(digest.digest()), skipped);
    }
  }

  private static List<Path> newestFirst(Path folder) throws IOException {
    var found = new ArrayList<Dated>();
    try (var files = Files.walk(folder)) {
      for (Path file : (Iterable<Path>) files::iterator) {
        if (file.toString().endsWith(".db") && Files.isRegularFile(file)) {
          found.add(new Dated(file, Files.getLastModifiedTime(file)));
        }
      }
    } catch (UncheckedIOException e) {
      throw new IOException(e.getMessage(), e);
    }
    found.sort(
        Comparator.comparing(Dated::time)
            .thenComparing(dated -> String.valueOf(dated.file().getFileName()))
            .reversed());
    return found.stream().map(Dated::file).toList();
  }

  private static List<TrainingGame> read(Path file, Grid grid, int limit)
      throws SQLException, BadFileException {
    var readOnly = new Properties();
    // SQLITE_OPEN_READONLY: the files belong to others.
    readOnly.setProperty("open_mode", "1");
    try (var connection = DriverManager.getConnection("jdbc:sqlite:" + file, readOnly)) {
      check(connection);
      String visits = version(connection) >= GameFile.VERSION ? "visits" : "''";
      String sql =
          "SELECT game_id, seed, winner, moves, "
              + visits
              + " FROM games WHERE board_type = ? AND num_players = 2 ORDER BY game_id DESC LIMIT "
              + limit;
      try (var select = connection.prepareStatement(sql)) {
        select.setString(1, grid.name());
        var rows = select.executeQuery();
        var games = new ArrayList<TrainingGame>();
        while (rows.next()) {
          games.add(
              TrainingGame.of(
                  grid,
                  text(rows.getString(1)),
                  rows.getLong(2),
                  rows.getInt(3),
                  text(rows.getString(4)),
                  text(rows.getString(5))));
        }
        return games;
      }
    }
  }

  private static String text(@org.jspecify.annotations.Nullable String column) {
    return column == null ? "" : column;
  }

  private static void check(Connection connection) throws SQLException, BadFileException {
    try (var statement = connection.createStatement();
        var rows = statement.executeQuery("PRAGMA quick_check(1)")) {
      if (!rows.next() || !"ok".equals(rows.getString(1))) {
        throw new BadFileException("SQLite finds it damaged");
      }
    }
  }

  private static int version(Connection connection) throws SQLException {
    try (var statement = connection.createStatement();
        var rows = statement.executeQuery("PRAGMA user_version")) {
      return rows.next() ? rows.getInt(1) : 0;
    }
  }
}
