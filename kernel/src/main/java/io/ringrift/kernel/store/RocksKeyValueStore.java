package io.ringrift.kernel.store;

import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.Options;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;

/// A `KeyValueStore` on RocksDB. Native memory is small on purpose: a coordination state is small.
/// Reads and `close` may come from any thread: a lock keeps readers away from freed native memory.
public final class RocksKeyValueStore implements KeyValueStore {
  private static final String DEFAULT =
      new String(RocksDB.DEFAULT_COLUMN_FAMILY, StandardCharsets.UTF_8);

  private final Path folder;
  private final RocksResources resources;
  private final RocksDB db;
  private final Map<String, ColumnFamilyHandle> families;
  private final WriteOptions synced = new WriteOptions().setSync(true);
  private final WriteOptions unsynced = new WriteOptions().setSync(false);
  private final ReentrantReadWriteLock life = new ReentrantReadWriteLock();
  private boolean closed;
  private volatile @Nullable Refusal failed;

  private RocksKeyValueStore(
      Path folder, RocksResources resources, RocksDB db, Map<String, ColumnFamilyHandle> families) {
    this.folder = folder;
    this.resources = resources;
    this.db = db;
    this.families = families;
  }

  /// Opens the folder, creating it and missing families.
  ///
  /// @throws Refusal STORAGE_CORRUPT naming the folder when its files do not fit together,
  ///   STATE_IN_USE when another process has it open, DISK_FULL or STORAGE_FAILED
  public static RocksKeyValueStore open(Path folder, List<String> families) {
    RocksDB.loadLibrary();
    refuseHeadless(folder);
    var resources = new RocksResources();
    try {
      Files.createDirectories(folder);
      var names = new LinkedHashSet<String>(List.of(DEFAULT));
      names.addAll(families);
      names.addAll(existing(folder));
      var descriptors = new ArrayList<ColumnFamilyDescriptor>();
      for (String name : names) {
        descriptors.add(
            new ColumnFamilyDescriptor(
                name.getBytes(StandardCharsets.UTF_8), resources.familyOptions()));
      }
      var handles = new ArrayList<ColumnFamilyHandle>();
      var db = RocksDB.open(resources.dbOptions(), folder.toString(), descriptors, handles);
      var byName = new LinkedHashMap<String, ColumnFamilyHandle>();
      int i = 0;
      for (String name : names) {
        byName.put(name, handles.get(i++));
      }
      return new RocksKeyValueStore(folder, resources, db, byName);
    } catch (RocksDBException e) {
      resources.close();
      throw RocksFailures.atOpen(folder, e);
    } catch (IOException e) {
      resources.close();
      throw Disk.refusal("creating " + folder, e);
    }
  }

  /// Without CURRENT, RocksDB would take the folder for a new one and begin empty over the remains.
  private static void refuseHeadless(Path folder) {
    if (!Files.isDirectory(folder) || Files.exists(folder.resolve("CURRENT"))) {
      return;
    }
    try (var files = Files.list(folder)) {
      if (files.anyMatch(f -> f.toString().endsWith(".sst") || f.toString().endsWith(".log"))) {
        throw Disk.corrupt(folder.resolve("CURRENT"), "missing file", "data files are there");
      }
    } catch (IOException e) {
      throw Disk.refusal("reading " + folder, e);
    }
  }

  private static List<String> existing(Path folder) throws RocksDBException {
    if (!Files.exists(folder.resolve("CURRENT"))) {
      return List.of();
    }
    try (var options = new Options()) {
      return RocksDB.listColumnFamilies(options, folder.toString()).stream()
          .map(name -> new String(name, StandardCharsets.UTF_8))
          .toList();
    }
  }

  @Override
  public Optional<byte[]> get(String family, byte[] key) {
    life.readLock().lock();
    try {
      return Optional.ofNullable(db.get(handle(family), key));
    } catch (RocksDBException e) {
      throw RocksFailures.atRead(folder, e);
    } finally {
      life.readLock().unlock();
    }
  }

  @Override
  public void scan(String family, byte[] from, BiConsumer<byte[], byte[]> visitor) {
    life.readLock().lock();
    try (var options = new ReadOptions().setReadaheadSize(256 << 10);
        var cursor = db.newIterator(handle(family), options)) {
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
    } finally {
      life.readLock().unlock();
    }
  }

  @Override
  public void write(List<Change> changes, boolean sync) {
    life.readLock().lock();
    try (var batch = new WriteBatch()) {
      Refusal earlier = failed;
      if (earlier != null) {
        throw new Refusal(
            earlier.reason(),
            earlier.text() + "; " + folder + " takes no writes until it is opened again",
            earlier);
      }
      for (Change change : changes) {
        add(batch, change);
      }
      db.write(sync ? synced : unsynced, batch);
    } catch (RocksDBException e) {
      Refusal refusal = RocksFailures.atWrite(folder, e);
      failed = refusal;
      throw refusal;
    } finally {
      life.readLock().unlock();
    }
  }

  private void add(WriteBatch batch, Change change) throws RocksDBException {
    switch (change) {
      case Change.Put(var family, var key, var value) -> batch.put(handle(family), key, value);
      case Change.Delete(var family, var key) -> batch.delete(handle(family), key);
      case Change.DeleteRange(var family, var from, var to) ->
          batch.deleteRange(handle(family), from, to);
    }
  }

  private ColumnFamilyHandle handle(String family) {
    if (closed) {
      throw new Refusal(Reason.SHUTTING_DOWN, "the store in " + folder + " is closed");
    }
    var handle = families.get(family);
    if (handle == null) {
      throw new IllegalStateException("no family " + family + " in " + folder);
    }
    return handle;
  }

  @Override
  public void close() {
    life.writeLock().lock();
    try {
      if (closed) {
        return;
      }
      closed = true;
      families.values().forEach(ColumnFamilyHandle::close);
      db.close();
      synced.close();
      unsynced.close();
      resources.close();
    } finally {
      life.writeLock().unlock();
    }
  }
}
