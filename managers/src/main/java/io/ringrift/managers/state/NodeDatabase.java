package io.ringrift.managers.state;

import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// This node's own SQLite database, in WAL mode (SPEC 10). One writer at a time; calls block on the
/// disk; any thread. Two connections: one that syncs every commit, for what exists nowhere else,
/// and one that does not, for what can be found out again. A file that fails its integrity check is
/// set aside and a fresh one begun.
final class NodeDatabase implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(NodeDatabase.class);
  private static final int BUSY_MILLIS = 5000;
  private static final Pattern STATEMENT_END = Pattern.compile(";\\s*\\n");
  private static final List<String> MIGRATIONS = List.of("1.sql");

  /// Work with a connection inside one transaction.
  interface Work<T> {
    T run(Connection connection) throws SQLException;
  }

  private final ReentrantLock writer = new ReentrantLock(true);
  private final Path file;
  private final Optional<Path> quarantined;
  private final Connection durable;
  private final Connection quick;

  private NodeDatabase(
      Path file, Optional<Path> quarantined, Connection durable, Connection quick) {
    this.file = file;
    this.quarantined = quarantined;
    this.durable = durable;
    this.quick = quick;
  }

  /// Opens or creates the database.
  ///
  /// @throws Refusal STORAGE_FAILED when not even a fresh database can be opened
  static NodeDatabase open(Path file) {
    Optional<Path> aside = Optional.empty();
    try {
      if (file.getParent() != null) {
        Files.createDirectories(file.getParent());
      }
      if (Files.exists(file) && !sound(file)) {
        aside = Optional.of(quarantine(file));
      }
      Connection durable = connect(file, "FULL");
      migrate(durable);
      return new NodeDatabase(file, aside, durable, connect(file, "NORMAL"));
    } catch (SQLException | IOException e) {
      throw new Refusal(
          Reason.STORAGE_FAILED,
          "cannot open the node's database " + file + ": " + e.getMessage(),
          e);
    }
  }

  private static Connection connect(Path file, String synchronous) throws SQLException {
    Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
    try (var statement = connection.createStatement()) {
      statement.execute("PRAGMA busy_timeout = " + BUSY_MILLIS);
      statement.execute("PRAGMA journal_mode = WAL");
      statement.execute("PRAGMA synchronous = " + synchronous);
      statement.execute("PRAGMA foreign_keys = ON");
    } catch (SQLException e) {
      connection.close();
      throw e;
    }
    return connection;
  }

  /// An empty file is a truncated one: the database is never closed without its header.
  private static boolean sound(Path file) throws IOException {
    if (Files.size(file) == 0) {
      return false;
    }
    try (Connection connection = connect(file, "FULL");
        var statement = connection.createStatement();
        var rows = statement.executeQuery("PRAGMA integrity_check(1)")) {
      return rows.next() && "ok".equals(rows.getString(1));
    } catch (SQLException e) {
      LOG.warn("the node's database {} cannot be read: {}", file, e.getMessage());
      return false;
    }
  }

  private static Path quarantine(Path file) throws IOException {
    Path aside = file;
    for (int i = 1; Files.exists(aside); i++) {
      aside = file.resolveSibling(file.getFileName() + ".corrupt-" + i);
    }
    Files.move(file, aside);
    for (String companion : List.of("-wal", "-shm")) {
      Path beside = file.resolveSibling(file.getFileName() + companion);
      if (Files.exists(beside)) {
        Files.move(beside, aside.resolveSibling(aside.getFileName() + companion));
      }
    }
    LOG.error(
        "the node's database {} is damaged; set aside as {} and begun anew. Reports that were not"
            + " yet acknowledged by the leader may be lost: running processes report again",
        file,
        aside);
    return aside;
  }

  private static void migrate(Connection connection) throws SQLException, IOException {
    int version = userVersion(connection);
    if (version > MIGRATIONS.size()) {
      throw new SQLException(
          "its schema version "
              + version
              + " is newer than this program's "
              + MIGRATIONS.size()
              + "; start the newer program");
    }
    for (int i = version; i < MIGRATIONS.size(); i++) {
      apply(connection, MIGRATIONS.get(i), i + 1);
    }
  }

  private static int userVersion(Connection connection) throws SQLException {
    try (var statement = connection.createStatement();
        var rows = statement.executeQuery("PRAGMA user_version")) {
      return rows.next() ? rows.getInt(1) : 0;
    }
  }

  private static void apply(Connection connection, String script, int version)
      throws SQLException, IOException {
    connection.setAutoCommit(false);
    try (var statement = connection.createStatement()) {
      for (String sql : STATEMENT_END.splitAsStream(read(script)).toList()) {
        if (!sql.isBlank()) {
          statement.execute(sql);
        }
      }
      statement.execute("PRAGMA user_version = " + version);
      connection.commit();
    } catch (SQLException e) {
      connection.rollback();
      throw e;
    } finally {
      connection.setAutoCommit(true);
    }
  }

  private static String read(String script) throws IOException {
    try (InputStream in = NodeDatabase.class.getResourceAsStream(script)) {
      if (in == null) {
        throw new IOException("the program lacks its own script " + script);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  /// Runs a transaction that is synced before this returns.
  ///
  /// @throws Refusal STORAGE_FAILED or DISK_FULL; nothing was changed
  <T> T durably(Work<T> work) {
    return transact(durable, work);
  }

  /// Runs a transaction that a power cut may undo.
  ///
  /// @throws Refusal STORAGE_FAILED or DISK_FULL; nothing was changed
  <T> T quickly(Work<T> work) {
    return transact(quick, work);
  }

  private <T> T transact(Connection connection, Work<T> work) {
    writer.lock();
    try {
      connection.setAutoCommit(false);
      try {
        T result = work.run(connection);
        connection.commit();
        return result;
      } catch (SQLException | Refusal e) {
        connection.rollback();
        throw e;
      } finally {
        connection.setAutoCommit(true);
      }
    } catch (SQLException e) {
      throw failed(e);
    } finally {
      writer.unlock();
    }
  }

  private Refusal failed(SQLException cause) {
    String message = String.valueOf(cause.getMessage());
    boolean full = message.contains("SQLITE_FULL");
    return new Refusal(
        full ? Reason.DISK_FULL : Reason.STORAGE_FAILED,
        "the node's database " + file + " failed: " + message,
        cause);
  }

  /// Where the damaged file was put, when there was one.
  Optional<Path> quarantined() {
    return quarantined;
  }

  Path file() {
    return file;
  }

  @Override
  public void close() {
    writer.lock();
    try (durable;
        quick) {
      try (var statement = durable.createStatement()) {
        statement.execute("PRAGMA wal_checkpoint(TRUNCATE)");
      }
    } catch (SQLException e) {
      throw new UncheckedIOException(new IOException("cannot close " + file, e));
    } finally {
      writer.unlock();
    }
  }
}
