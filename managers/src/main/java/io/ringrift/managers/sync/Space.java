package io.ringrift.managers.sync;

import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;

/// Room on the disk of a folder. Blocks shortly; safe for any thread; may be asked again.
@FunctionalInterface
interface Space {
  Room of(Path folder) throws IOException;

  /// @param usable bytes that may still be written
  /// @param total bytes of the disk
  record Room(long usable, long total) {
    /// Bytes that may be received without filling the disk beyond the limit (SPEC 5.3).
    long receivable(int maxPercent) {
      long used = total - usable;
      return Math.min(usable, total / 100 * maxPercent - used);
    }
  }

  /// The real disk.
  static Space disk() {
    return folder -> {
      FileStore store = Files.getFileStore(folder);
      return new Room(store.getUsableSpace(), store.getTotalSpace());
    };
  }
}
