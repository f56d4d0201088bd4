package io.ringrift.managers.job;

import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Objects;

/// Writes small files that are whole or absent after a crash.
final class DurableFile {
  private DurableFile() {}

  /// Writes beside, syncs, renames, syncs the folder.
  ///
  /// @throws Refusal DISK_FULL or STORAGE_FAILED; the old content is still there then
  static void write(Path path, byte[] content) {
    Path beside = path.resolveSibling(path.getFileName() + ".tmp");
    try {
      try (var channel =
          FileChannel.open(
              beside,
              StandardOpenOption.CREATE,
              StandardOpenOption.TRUNCATE_EXISTING,
              StandardOpenOption.WRITE)) {
        var bytes = ByteBuffer.wrap(content);
        while (bytes.hasRemaining()) {
          channel.write(bytes);
        }
        channel.force(true);
      }
      Files.move(beside, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      syncFolder(Objects.requireNonNull(path.toAbsolutePath().getParent()));
    } catch (IOException e) {
      throw failed("write " + path, e);
    }
  }

  /// Makes the names in a folder durable.
  static void syncFolder(Path folder) throws IOException {
    try (var channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  static Refusal failed(String what, IOException cause) {
    boolean full = String.valueOf(cause.getMessage()).contains("No space left");
    return new Refusal(
        full ? Reason.DISK_FULL : Reason.STORAGE_FAILED,
        "could not " + what + ": " + cause.getMessage(),
        cause);
  }
}
