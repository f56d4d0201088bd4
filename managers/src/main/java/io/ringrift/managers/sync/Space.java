package io.ringrift.managers.sync;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;

/// The disk of a folder: its room, and the files that are received there. Blocks shortly; safe for
/// any thread; may be asked again.
@FunctionalInterface
interface Space {
  Room of(Path folder) throws IOException;

  /// Opens a file for what is received.
  default FileChannel open(Path file, OpenOption... options) throws IOException {
    return FileChannel.open(file, options);
  }

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
