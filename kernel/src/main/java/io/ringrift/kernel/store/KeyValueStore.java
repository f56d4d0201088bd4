package io.ringrift.kernel.store;

import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;

/// An ordered key-value store with named families. One writer thread; reads from any thread. Calls
/// block on the disk. A failed write throws STORAGE_FAILED or DISK_FULL; its changes are there as a
/// whole or not at all, and the store refuses writes until `reopen` has succeeded.
public interface KeyValueStore extends AutoCloseable {
  Optional<byte[]> get(String family, byte[] key);

  /// Visits entries in key order, from `from` (inclusive; empty begins at the first) until the
  /// visitor has seen all.
  void scan(String family, byte[] from, BiConsumer<byte[], byte[]> visitor);

  /// Writes all changes or none.
  ///
  /// @param sync durable before this returns
  void write(List<Change> changes, boolean sync);

  /// Opens the store anew after a failed write; the writer calls it. Fails as opening does, and may
  /// then be tried again; reads are refused meanwhile. A store that cannot fail has nothing to do.
  default void reopen() {}

  /// @throws io.ringrift.kernel.Refusal STORAGE_FAILED when a call does not end: the store stays
  ///   open then, and refuses what comes later
  @Override
  void close();

  /// One change of a batch.
  sealed interface Change {
    record Put(String family, byte[] key, byte[] value) implements Change {}

    record Delete(String family, byte[] key) implements Change {}

    /// Deletes keys in [from, to).
    record DeleteRange(String family, byte[] from, byte[] to) implements Change {}
  }
}
