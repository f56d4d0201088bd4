package io.ringrift.managers;

import java.util.Map;
import java.util.Optional;

/// Remembered SHA-256 digests of files, so that an unchanged file is not read again. A digest holds
/// for one identity of a file: path, size, modification time and inode; any other identity misses.
/// A cache only: entries may vanish at any time. Blocks on the local database; safe for any thread;
/// never throws for a broken database, it then remembers nothing.
public interface DigestCache {
  /// Lower-case hexadecimal SHA-256 of exactly this identity, when known.
  Optional<String> get(Identity file);

  /// Remembers a digest, in place of one of an older identity of the same path.
  void put(Identity file, String sha256);

  /// Remembers many at once.
  default void putAll(Map<Identity, String> digests) {
    digests.forEach(this::put);
  }

  /// Forgets a path.
  void forget(String path);

  /// What makes a file the same file.
  ///
  /// @param modifiedNanos modification time in nanoseconds since 1970
  /// @param inode the file system's own number, 0 where there is none
  record Identity(String path, long size, long modifiedNanos, long inode) {}
}
