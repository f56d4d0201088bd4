package io.ringrift.kernel.store;

import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;

/// A `KeyValueStore` on RocksDB. Native memory is small on purpose: a coordination state is small.
/// Reads and `close` may come from any thread: a lock keeps readers away from freed native memory.
public final class RocksKeyValueStore implements KeyValueStore {
  /// How long a close waits for reads and writes: on a dead disk they never end.
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final Path folder;
  private final List<String> families;
  private final Duration patience;
  private final ReentrantReadWriteLock life = new ReentrantReadWriteLock();
  private volatile boolean closed;

  /// Null when closed, or when it could not be opened again.
  private @Nullable RocksDatabase database;

  private volatile @Nullable Refusal failed;

  private RocksKeyValueStore(
      Path folder, List<String> families, Duration patience, RocksDatabase database) {
    this.folder = folder;
    this.families = families;
    this.patience = patience;
    this.database = database;
  }

  /// Opens the folder, creating it and missing families.
  ///
  /// @throws Refusal STORAGE_CORRUPT naming the folder when its files do not fit together,
  ///   STATE_IN_USE when another process has it open, DISK_FULL or STORAGE_FAILED
  public static RocksKeyValueStore open(Path folder, List<String> families) {
    return open(folder, families, PATIENCE);
  }

  static RocksKeyValueStore open(Path folder, List<String> families, Duration patience) {
    var names = List.copyOf(families);
    return new RocksKeyValueStore(folder, names, patience, RocksDatabase.open(folder, names));
  }

  @Override
  public Optional<byte[]> get(String family, byte[] key) {
    life.readLock().lock();
    try {
      var open = database();
      return Optional.ofNullable(open.db().get(open.handle(family), key));
    } catch (RocksDBException e) {
      throw RocksFailures.atRead(folder, e);
    } finally {
      life.readLock().unlock();
    }
  }

  @Override
  public void scan(String family, byte[] from, BiConsumer<byte[], byte[]> visitor) {
    life.readLock().lock();
    try {
      scan(database(), family, from, visitor);
    } finally {
      life.readLock().unlock();
    }
  }

  private void scan(
      RocksDatabase open, String family, byte[] from, BiConsumer<byte[], byte[]> visitor) {
    try (var options = new ReadOptions().setReadaheadSize(256 << 10);
        var cursor = open.db().newIterator(open.handle(family), options)) {
      if (from.length == 0) {
        cursor.seekToFirst();
      } else {
        cursor.seek(from);
      }
      for (; cursor.isValid(); cursor.next()) {
        visitor.accept(cursor.key(), cursor.value());
      }
      cursor.status();
    } catch (RocksDBException e) {
      throw RocksFailures.atRead(folder, e);
    }
  }

  @Override
  public void write(List<Change> changes, boolean sync) {
    life.readLock().lock();
    try (var batch = new WriteBatch()) {
      var open = database();
      refuseFailed();
      for (Change change : changes) {
        add(batch, open, change);
      }
      open.db().write(sync ? open.synced() : open.unsynced(), batch);
    } catch (RocksDBException e) {
      Refusal refusal = RocksFailures.atWrite(folder, e);
      failed = refusal;
      throw refusal;
    } finally {
      life.readLock().unlock();
    }
  }

  private void refuseFailed() {
    Refusal earlier = failed;
    if (earlier != null) {
      throw new Refusal(
          earlier.reason(),
          earlier.text() + "; " + folder + " takes no writes until it is opened again",
          earlier);
    }
  }

  private static void add(WriteBatch batch, RocksDatabase open, Change change)
      throws RocksDBException {
    switch (change) {
      case Change.Put(var family, var key, var value) -> batch.put(open.handle(family), key, value);
      case Change.Delete(var family, var key) -> batch.delete(open.handle(family), key);
      case Change.DeleteRange(var family, var from, var to) ->
          batch.deleteRange(open.handle(family), from, to);
    }
  }

  private RocksDatabase database() {
    RocksDatabase open = database;
    if (open == null || closed) {
      refuseFailed();
      throw new Refusal(Reason.SHUTTING_DOWN, "the store in " + folder + " is closed");
    }
    return open;
  }

  /// RocksDB takes nothing more behind a failed write of its log; opening replays what that log
  /// holds and stores it anew.
  @Override
  public void reopen() {
    life.writeLock().lock();
    try {
      if (closed) {
        throw new Refusal(Reason.SHUTTING_DOWN, "the store in " + folder + " is closed");
      }
      release();
      database = RocksDatabase.open(folder, families);
      failed = null;
    } catch (Refusal e) {
      failed = e;
      throw e;
    } finally {
      life.writeLock().unlock();
    }
  }

  private void release() {
    RocksDatabase open = database;
    database = null;
    if (open != null) {
      open.close();
    }
  }

  /// Waits ten seconds for what is being read or written; what comes later is refused.
  ///
  /// @throws Refusal STORAGE_FAILED when that does not end; the store stays open, and nothing may
  ///   use its folder before this process has ended
  @Override
  public void close() {
    closed = true;
    failed = null;
    if (!isLeft()) {
      throw new Refusal(
          Reason.STORAGE_FAILED,
          "a read or write of the store in "
              + folder
              + " does not end, so it stays open; end this process and start it again, and look at"
              + " its disk");
    }
    try {
      release();
    } finally {
      life.writeLock().unlock();
    }
  }

  /// Whether nobody reads or writes any more; the write lock is taken then. An interrupt before
  /// does not shorten the wait.
  private boolean isLeft() {
    boolean interrupted = Thread.interrupted();
    try {
      return life.writeLock().tryLock(patience.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      interrupted = true;
      return life.writeLock().tryLock();
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
