package io.ringrift.managers.state;

import io.ringrift.kernel.store.KeyValueStore;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BiConsumer;

/// A key-value store in memory; survives its user's restart as a disk would.
final class MemoryKeyValueStore implements KeyValueStore {
  private final Map<String, NavigableMap<byte[], byte[]>> families = new HashMap<>();
  int writes;

  /// Runs before each scan and write.
  Runnable touched = () -> {};

  private NavigableMap<byte[], byte[]> family(String name) {
    return families.computeIfAbsent(name, _ -> new TreeMap<>(Arrays::compareUnsigned));
  }

  @Override
  public synchronized Optional<byte[]> get(String family, byte[] key) {
    return Optional.ofNullable(family(family).get(key));
  }

  @Override
  public synchronized void scan(String family, byte[] from, BiConsumer<byte[], byte[]> visitor) {
    touched.run();
    family(family).tailMap(from, true).forEach(visitor);
  }

  @Override
  public synchronized void write(List<Change> changes, boolean sync) {
    touched.run();
    writes++;
    for (Change change : changes) {
      switch (change) {
        case Change.Put(var family, var key, var value) -> family(family).put(key, value);
        case Change.Delete(var family, var key) -> family(family).remove(key);
        case Change.DeleteRange(var family, var from, var to) ->
            family(family).subMap(from, true, to, false).clear();
      }
    }
  }

  @Override
  public void close() {}
}
