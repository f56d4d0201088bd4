package io.ringrift.kernel.store;

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
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteOptions;

/// One opening of a RocksDB folder, with all native memory that goes with it.
record RocksDatabase(
    RocksResources resources,
    RocksDB db,
    Map<String, ColumnFamilyHandle> families,
    WriteOptions synced,
    WriteOptions unsynced)
    implements AutoCloseable {
  private static final String DEFAULT =
      new String(RocksDB.DEFAULT_COLUMN_FAMILY, StandardCharsets.UTF_8);

  /// @throws Refusal STORAGE_CORRUPT, STATE_IN_USE, DISK_FULL or STORAGE_FAILED
  static RocksDatabase open(Path folder, List<String> families) {
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
      return new RocksDatabase(
          resources,
          db,
          byName,
          new WriteOptions().setSync(true),
          new WriteOptions().setSync(false));
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

  ColumnFamilyHandle handle(String family) {
    var handle = families.get(family);
    if (handle == null) {
      throw new IllegalStateException("no family " + family);
    }
    return handle;
  }

  @Override
  public void close() {
    families.values().forEach(ColumnFamilyHandle::close);
    db.close();
    synced.close();
    unsynced.close();
    resources.close();
  }
}
