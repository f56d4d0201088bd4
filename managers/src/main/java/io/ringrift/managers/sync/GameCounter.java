package io.ringrift.managers.sync;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.DriverManager;
import java.sql.SQLException;

/// Games inside a file (SPEC 5.3): rows of the `games` table, or lines; 0 when it cannot be told.
/// The one reader of SQLite outside the state room: it opens data files of others, read-only.
final class GameCounter {
  /// Above this size lines are estimated from a sample.
  static final long EXACT_LIMIT = 50L << 20;

  static final int SAMPLE = 256 << 10;
  private static final int CHUNK = 64 << 10;

  private GameCounter() {}

  static long count(String path, Path file, long size) {
    try {
      if (path.endsWith(".db")) {
        return rows(file);
      }
      return path.endsWith(".jsonl") ? lines(file, size, EXACT_LIMIT) : 0;
    } catch (IOException | SQLException e) {
      // A file that is no database has no games; the copy of it is still worth having.
      return 0;
    }
  }

  /// Read-only and immutable: no lock, no journal, and nothing is made beside the file. Only a real
  /// table is counted: a hostile view could compute for ever.
  private static long rows(Path file) throws SQLException {
    String url = "jdbc:sqlite:" + file.toUri() + "?mode=ro&immutable=1";
    try (var connection = DriverManager.getConnection(url);
        var statement = connection.createStatement()) {
      statement.setQueryTimeout(10);
      try (var table =
          statement.executeQuery(
              "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'games'")) {
        if (!table.next()) {
          return 0;
        }
      }
      try (var rows = statement.executeQuery("SELECT count(*) FROM games")) {
        return rows.next() ? rows.getLong(1) : 0;
      }
    }
  }

  static long lines(Path file, long size, long exactLimit) throws IOException {
    boolean exact = size <= exactLimit;
    long most = exact ? Long.MAX_VALUE : SAMPLE;
    long read = 0;
    long newlines = 0;
    byte last = '\n';
    try (var channel = FileChannel.open(file, StandardOpenOption.READ)) {
      var buffer = ByteBuffer.allocate(CHUNK);
      while (read < most && channel.read(buffer.clear()) >= 0) {
        buffer.flip();
        read += buffer.remaining();
        while (buffer.hasRemaining()) {
          last = buffer.get();
          newlines += last == '\n' ? 1 : 0;
        }
      }
    }
    if (exact) {
      return newlines + (last == '\n' ? 0 : 1);
    }
    return newlines == 0 ? 1 : Math.round(size / (read / (double) newlines));
  }
}
