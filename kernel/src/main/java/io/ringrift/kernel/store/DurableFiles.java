package io.ringrift.kernel.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Objects;

/// File operations whose durability is easily got wrong. Blocks on the disk; any thread, one at a
/// time for one file.
public final class DurableFiles {
  private DurableFiles() {}

  /// Writes a small file that is there whole, or as it was before, whatever ends the process:
  /// beside it as `NAME.partial`, synced, renamed. Durable when this returns.
  public static void write(Path file, byte[] content) throws IOException {
    Path partial = file.resolveSibling(file.getFileName() + ".partial");
    try (var channel =
        FileChannel.open(
            partial,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      var bytes = ByteBuffer.wrap(content);
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      channel.force(true);
    }
    publish(partial, file);
  }

  /// The same for a text, in UTF-8.
  public static void write(Path file, String text) throws IOException {
    write(file, text.getBytes(StandardCharsets.UTF_8));
  }

  /// Makes a synced temporary file appear under its final name, durably: a rename is on disk only
  /// once its folder is.
  public static void publish(Path temporary, Path target) throws IOException {
    Files.move(
        temporary, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    syncFolderOf(target);
  }

  /// Makes what a file holds, or the names in a folder, durable.
  public static void sync(Path fileOrFolder) throws IOException {
    try (var channel = FileChannel.open(fileOrFolder, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  /// Makes the name of a file, or its absence, durable.
  public static void syncFolderOf(Path file) throws IOException {
    sync(folderOf(file));
  }

  static Path folderOf(Path file) {
    return Objects.requireNonNull(file.toAbsolutePath().getParent(), "a file has a folder");
  }
}
