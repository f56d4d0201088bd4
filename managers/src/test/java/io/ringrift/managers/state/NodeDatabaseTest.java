package io.ringrift.managers.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.managers.DigestCache.Identity;
import io.ringrift.managers.Outbox.Letter;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NodeDatabaseTest {
  @TempDir private Path folder;

  private Path file() {
    return folder.resolve("node.db");
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static boolean writesAhead(Connection connection) throws SQLException {
    try (var statement = connection.createStatement();
        var rows = statement.executeQuery("PRAGMA journal_mode")) {
      return rows.next() && "wal".equals(rows.getString(1));
    }
  }

  @Test
  void bothConnectionsWriteAhead() {
    try (var database = NodeDatabase.open(file())) {
      boolean durable = database.durably(NodeDatabaseTest::writesAhead);
      boolean quick = database.quickly(NodeDatabaseTest::writesAhead);
      assertThat(durable && quick).isTrue();
    }
  }

  @Test
  void lettersSurviveARestartInTheirOrder() {
    try (var database = NodeDatabase.open(file())) {
      var outbox = new SqliteOutbox(database, 10);
      outbox.put("b", bytes("1"));
      outbox.put("a", bytes("2"));
      outbox.put("b", bytes("3"));
      outbox.put("c", bytes("4"));
      outbox.remove("c");
    }
    try (var database = NodeDatabase.open(file())) {
      assertThat(new SqliteOutbox(database, 10).all())
          .extracting(Letter::key, letter -> new String(letter.bytes(), StandardCharsets.UTF_8))
          .containsExactly(
              org.assertj.core.api.Assertions.tuple("b", "3"),
              org.assertj.core.api.Assertions.tuple("a", "2"));
    }
  }

  @Test
  void aFullOutboxRefusesMore() {
    try (var database = NodeDatabase.open(file())) {
      var outbox = new SqliteOutbox(database, 1);
      outbox.put("a", bytes("1"));
      assertThatThrownBy(() -> outbox.put("b", bytes("2")))
          .isInstanceOfSatisfying(
              Refusal.class, e -> assertThat(e.reason()).isEqualTo(Reason.OVERLOADED));
      outbox.put("a", bytes("3"));
    }
  }

  @Test
  void anotherIdentityOfAFileMissesTheCache() {
    try (var database = NodeDatabase.open(file())) {
      var cache = new SqliteDigestCache(database, 10);
      cache.put(new Identity("f", 1, 2, 3), "abc");
      assertThat(cache.get(new Identity("f", 1, 2, 3))).contains("abc");
      assertThat(cache.get(new Identity("f", 1, 9, 3))).isEmpty();
    }
  }

  @Test
  void theDigestCacheForgetsItsOldest() {
    try (var database = NodeDatabase.open(file())) {
      var cache = new SqliteDigestCache(database, 2);
      for (int i = 0; i < 3; i++) {
        cache.put(new Identity("f" + i, 1, 2, 3), "abc");
      }
      assertThat(cache.get(new Identity("f0", 1, 2, 3))).isEmpty();
      assertThat(cache.get(new Identity("f2", 1, 2, 3))).isPresent();
    }
  }

  @Test
  void aTruncatedFileIsSetAsideAndAFreshOneBegun() throws IOException {
    try (var database = NodeDatabase.open(file())) {
      new SqliteOutbox(database, 10).put("a", new byte[20_000]);
    }
    try (var channel = FileChannel.open(file(), StandardOpenOption.WRITE)) {
      channel.truncate(channel.size() - 10_000);
    }
    quarantinedAndUsable();
  }

  @Test
  void anEmptyFileIsSetAsideToo() throws IOException {
    Files.createFile(file());
    quarantinedAndUsable();
  }

  @Test
  void aFileThatIsNoDatabaseIsSetAside() throws IOException {
    Files.write(file(), bytes("this is no database, whatever its name says".repeat(100)));
    quarantinedAndUsable();
  }

  private void quarantinedAndUsable() {
    try (var database = NodeDatabase.open(file())) {
      assertThat(database.quarantined()).isPresent();
      assertThat(database.quarantined().orElseThrow()).exists();
      var outbox = new SqliteOutbox(database, 10);
      outbox.put("new", bytes("1"));
      assertThat(outbox.all()).extracting(Letter::key).containsExactly("new");
    }
  }

  @Test
  void aSoundFileIsKept() {
    try (var database = NodeDatabase.open(file())) {
      new SqliteOutbox(database, 10).put("a", bytes("1"));
    }
    try (var database = NodeDatabase.open(file())) {
      assertThat(database.quarantined()).isEmpty();
    }
  }
}
