package io.ringrift.managers.state;

import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.managers.Outbox;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/// The outbox in the node's database, synced.
final class SqliteOutbox implements Outbox {
  private final NodeDatabase database;
  private final int mostLetters;

  SqliteOutbox(NodeDatabase database, int mostLetters) {
    this.database = database;
    this.mostLetters = mostLetters;
  }

  @Override
  public void put(String key, byte[] letter) {
    if (key.isEmpty() || key.length() > 200) {
      throw Refusal.invalid("key", key, "1 to 200 characters");
    }
    if (letter.length > LARGEST_LETTER) {
      throw Refusal.invalid(
          "letter", letter.length + " bytes", "at most " + LARGEST_LETTER + " bytes");
    }
    database.durably(
        connection -> {
          try (var update =
              connection.prepareStatement("UPDATE outbox SET letter = ? WHERE letter_key = ?")) {
            update.setBytes(1, letter);
            update.setString(2, key);
            if (update.executeUpdate() == 0) {
              insert(connection, key, letter);
            }
          }
          return true;
        });
  }

  private void insert(Connection connection, String key, byte[] letter) throws SQLException {
    if (count(connection) >= mostLetters) {
      throw new Refusal(
          Reason.OVERLOADED,
          "the outbox holds "
              + mostLetters
              + " letters that no leader has acknowledged; nothing more is accepted until one"
              + " does");
    }
    try (var insert =
        connection.prepareStatement("INSERT INTO outbox (letter_key, letter) VALUES (?, ?)")) {
      insert.setString(1, key);
      insert.setBytes(2, letter);
      insert.executeUpdate();
    }
  }

  private static int count(Connection connection) throws SQLException {
    try (var statement = connection.createStatement();
        var rows = statement.executeQuery("SELECT count(*) FROM outbox")) {
      return rows.next() ? rows.getInt(1) : 0;
    }
  }

  @Override
  public void remove(String key) {
    database.durably(
        connection -> {
          try (var delete =
              connection.prepareStatement("DELETE FROM outbox WHERE letter_key = ?")) {
            delete.setString(1, key);
            return delete.executeUpdate();
          }
        });
  }

  @Override
  public List<Letter> all() {
    return database.durably(
        connection -> {
          var letters = new ArrayList<Letter>();
          try (var statement = connection.createStatement();
              var rows =
                  statement.executeQuery("SELECT letter_key, letter FROM outbox ORDER BY id")) {
            while (rows.next()) {
              letters.add(new Letter(rows.getString(1), rows.getBytes(2)));
            }
          }
          return letters;
        });
  }
}
