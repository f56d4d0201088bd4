package io.ringrift.workloads.hex;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;

/// One SQLite file of games that appears whole or not at all: it grows under a name that ends in
/// `.partial`, which nobody reads, and gets its final name when everything is on disk. All games
/// are one transaction without a journal and nothing in the file tells the time, so equal games
/// make equal bytes. A crash leaves only the partial file, which the next run of the job removes.
final class GameFile implements AutoCloseable {
  /// Version 2 added `model` and `visits`; what read version 1 reads it still.
  static final int VERSION = 2;

  /// With row ids: rows with visits are long, and a table without ids would give each a page.
  private static final String TABLE =
      """
      CREATE TABLE games (
        game_id TEXT PRIMARY KEY,
        board_type TEXT NOT NULL,
        num_players INTEGER NOT NULL,
        engine_mode TEXT NOT NULL,
        job_id TEXT NOT NULL,
        seed INTEGER NOT NULL,
        winner INTEGER NOT NULL,
        num_moves INTEGER NOT NULL,
        moves TEXT NOT NULL,
        model TEXT NOT NULL DEFAULT '',
        visits TEXT NOT NULL DEFAULT ''
      )\
      """;

  private final Arguments run;
  private final Path partial;
  private final Connection connection;
  private final PreparedStatement insert;
  private int games;

  private GameFile(Arguments run, Path partial) throws SQLException {
    this.run = run;
    this.partial = partial;
    this.connection = DriverManager.getConnection("jdbc:sqlite:" + partial);
    try {
      prepare(connection);
      this.insert = connection.prepareStatement("INSERT INTO games VALUES (?,?,?,?,?,?,?,?,?,?,?)");
    } catch (SQLException e) {
      connection.close();
      throw e;
    }
  }

  /// Begins the file of a run; the folder is made when missing.
  static GameFile begin(Arguments run) throws IOException, SQLException {
    Files.createDirectories(run.output());
    WholeFile.removeLeftovers(run.output(), run.stem());
    return new GameFile(run, WholeFile.partial(run.output(), run.stem()));
  }

  private static void prepare(Connection connection) throws SQLException {
    try (var statement = connection.createStatement()) {
      statement.execute("PRAGMA page_size = 4096");
      statement.execute("PRAGMA encoding = 'UTF-8'");
      statement.execute("PRAGMA journal_mode = OFF");
      statement.execute("PRAGMA synchronous = OFF");
      statement.execute("PRAGMA locking_mode = EXCLUSIVE");
      statement.execute("PRAGMA cache_size = 256");
      statement.execute("PRAGMA user_version = " + VERSION);
      connection.setAutoCommit(false);
      statement.execute(TABLE);
    }
  }

  /// Adds the next game.
  void add(Game game) throws SQLException {
    games++;
    insert.setString(1, "%s-%06d".formatted(run.jobId(), games));
    insert.setString(2, run.grid().name());
    insert.setInt(3, 2);
    insert.setString(4, run.mode());
    insert.setString(5, run.jobId());
    insert.setLong(6, game.seed());
    insert.setInt(7, game.winner().number());
    insert.setInt(8, game.moves().size());
    insert.setString(9, game.movesText());
    insert.setString(10, run.model());
    insert.setString(11, game.visitsText());
    insert.executeUpdate();
  }

  int games() {
    return games;
  }

  /// Gives the file its final name, which tells the number of games: a run that was cut short and
  /// its repetition are two files, never two contents under one name.
  ///
  /// @return the final file
  Path publish() throws IOException, SQLException {
    connection.commit();
    connection.close();
    try (var channel = FileChannel.open(partial, StandardOpenOption.WRITE)) {
      channel.force(true);
    }
    Path published = run.output().resolve(run.stem() + "_g" + games + ".db");
    if (Files.exists(published)) {
      keepEqual(published);
    } else {
      Files.move(partial, published, StandardCopyOption.ATOMIC_MOVE);
    }
    WholeFile.force(run.output());
    return published;
  }

  /// Published files never change: a repetition must have made the same bytes.
  private void keepEqual(Path published) throws IOException {
    if (Files.mismatch(partial, published) != -1) {
      throw new IOException(
          published + " is there already with other content; use another --job-id or --seed");
    }
    Files.delete(partial);
  }

  /// Room left where the file grows, for messages.
  static String room(Path folder) {
    try {
      FileStore store = Files.getFileStore(folder);
      return store.getUsableSpace() / 1_000_000 + " MB free";
    } catch (IOException e) {
      return "free space unknown";
    }
  }

  /// Gives up what was not published.
  @Override
  public void close() throws IOException, SQLException {
    try {
      if (!connection.isClosed()) {
        connection.close();
      }
    } finally {
      Files.deleteIfExists(partial);
    }
  }
}
