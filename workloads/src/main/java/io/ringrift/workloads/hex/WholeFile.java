package io.ringrift.workloads.hex;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Optional;

/// Files that appear whole or not at all: written under `<name>.<pid>.partial`, which nobody reads,
/// forced to disk, renamed.
final class WholeFile {
  private static final String PARTIAL = ".partial";
  private static final int BUFFER = 1 << 16;

  private WholeFile() {}

  /// Publishes a file that never changes: an equal one is kept, another content is refused.
  static void publish(Path target, byte[] bytes) throws IOException {
    if (Files.exists(target)) {
      if (!Arrays.equals(Files.readAllBytes(target), bytes)) {
        throw new IOException(target + " is there already with other content; use another name");
      }
      return;
    }
    replace(target, bytes);
  }

  /// What a file is to hold.
  interface Content {
    void write(OutputStream out) throws IOException;
  }

  /// Publishes a file that never changes and may be too large for memory: an equal one is kept,
  /// another content is refused.
  static void publish(Path target, Content content) throws IOException {
    write(
        target,
        content,
        partial -> {
          if (!Files.exists(target)) {
            move(partial, target);
          } else if (Files.mismatch(partial, target) != -1) {
            throw new IOException(
                target + " is there already with other content; use another name");
          }
        });
  }

  /// Writes a file in the place of an older one, if there is one.
  static void replace(Path target, byte[] bytes) throws IOException {
    write(target, out -> out.write(bytes), partial -> move(partial, target));
  }

  private interface End {
    void take(Path partial) throws IOException;
  }

  private static void move(Path partial, Path target) throws IOException {
    Files.move(
        partial, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  private static void write(Path target, Content content, End end) throws IOException {
    Path folder = folder(target);
    Files.createDirectories(folder);
    String stem = String.valueOf(target.getFileName());
    removeLeftovers(folder, stem);
    Path partial = partial(folder, stem);
    try {
      try (var channel =
          FileChannel.open(
              partial,
              StandardOpenOption.CREATE,
              StandardOpenOption.TRUNCATE_EXISTING,
              StandardOpenOption.WRITE)) {
        var out = new BufferedOutputStream(Channels.newOutputStream(channel), BUFFER);
        content.write(out);
        out.flush();
        channel.force(true);
      }
      end.take(partial);
    } finally {
      Files.deleteIfExists(partial);
    }
    force(folder);
  }

  private static Path folder(Path target) {
    Path folder = target.toAbsolutePath().getParent();
    if (folder == null) {
      throw new IllegalArgumentException(target + " is no file");
    }
    return folder;
  }

  /// Makes renames in a folder durable.
  static void force(Path folder) throws IOException {
    try (var channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  /// Where this process writes before the name is final.
  static Path partial(Path folder, String stem) {
    return folder.resolve(stem + "." + ProcessHandle.current().pid() + PARTIAL);
  }

  /// Removes partial files of this stem whose writer is gone.
  static void removeLeftovers(Path folder, String stem) throws IOException {
    try (DirectoryStream<Path> files =
        Files.newDirectoryStream(
            folder,
            file -> {
              String name = String.valueOf(file.getFileName());
              return name.startsWith(stem + ".") && name.endsWith(PARTIAL);
            })) {
      for (Path file : files) {
        if (writer(stem, file).flatMap(ProcessHandle::of).isEmpty()) {
          Files.deleteIfExists(file);
        }
      }
    }
  }

  private static Optional<Long> writer(String stem, Path file) {
    String name = String.valueOf(file.getFileName());
    int from = stem.length() + 1;
    int to = name.length() - PARTIAL.length();
    if (from >= to || !name.substring(from, to).chars().allMatch(c -> c >= '0' && c <= '9')) {
      return Optional.empty();
    }
    return to - from > 18 ? Optional.empty() : Optional.of(Long.valueOf(name.substring(from, to)));
  }
}
