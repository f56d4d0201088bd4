package io.ringrift.managers.state;

import io.ringrift.kernel.Refusal;
import io.ringrift.managers.DigestCache;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The digest cache in the node's database, not synced: a lost entry only costs reading the file
/// again. Bounded: the oldest entries go first.
final class SqliteDigestCache implements DigestCache {
  private static final Logger LOG = LoggerFactory.getLogger(SqliteDigestCache.class);

  private static final String INSERT =
      "INSERT OR REPLACE INTO digest_cache (path, size, modified_nanos, inode, sha256)"
          + " VALUES (?, ?, ?, ?, ?)";
  private static final String BOUND =
      "DELETE FROM digest_cache WHERE rowid <= (SELECT max(rowid) FROM digest_cache) - ?";

  private final NodeDatabase database;
  private final int mostDigests;

  SqliteDigestCache(NodeDatabase database, int mostDigests) {
    this.database = database;
    this.mostDigests = mostDigests;
  }

  @Override
  public Optional<String> get(Identity file) {
    try {
      return database.quickly(
          connection -> {
            try (var query =
                connection.prepareStatement(
                    "SELECT sha256 FROM digest_cache"
                        + " WHERE path = ? AND size = ? AND modified_nanos = ? AND inode = ?")) {
              query.setString(1, file.path());
              query.setLong(2, file.size());
              query.setLong(3, file.modifiedNanos());
              query.setLong(4, file.inode());
              try (var rows = query.executeQuery()) {
                return rows.next() ? Optional.of(rows.getString(1)) : Optional.empty();
              }
            }
          });
    } catch (Refusal e) {
      LOG.warn("digest cache not read: {}", e.text());
      return Optional.empty();
    }
  }

  @Override
  public void put(Identity file, String sha256) {
    change(INSERT, file.path(), file.size(), file.modifiedNanos(), file.inode(), sha256);
    change(BOUND, (long) mostDigests);
  }

  @Override
  public void putAll(Map<Identity, String> digests) {
    try {
      database.quickly(
          connection -> {
            try (var insert = connection.prepareStatement(INSERT)) {
              for (var one : digests.entrySet()) {
                insert.setString(1, one.getKey().path());
                insert.setLong(2, one.getKey().size());
                insert.setLong(3, one.getKey().modifiedNanos());
                insert.setLong(4, one.getKey().inode());
                insert.setString(5, one.getValue());
                insert.addBatch();
              }
              return insert.executeBatch().length;
            }
          });
    } catch (Refusal e) {
      LOG.warn("digest cache not written: {}", e.text());
    }
    change(BOUND, (long) mostDigests);
  }

  @Override
  public void forget(String path) {
    change("DELETE FROM digest_cache WHERE path = ?", path);
  }

  private void change(String sql, Object... values) {
    try {
      database.quickly(
          connection -> {
            try (var update = connection.prepareStatement(sql)) {
              for (int i = 0; i < values.length; i++) {
                update.setObject(i + 1, values[i]);
              }
              return update.executeUpdate();
            }
          });
    } catch (Refusal e) {
      LOG.warn("digest cache not written: {}", e.text());
    }
  }
}
