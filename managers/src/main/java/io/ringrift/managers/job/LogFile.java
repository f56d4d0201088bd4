package io.ringrift.managers.job;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/// One output stream of a run. Offsets count from the first byte ever written. The process writes
/// by itself, so that it does not need the node: a file above the cap is copied aside and
/// truncated, and at most one older part is kept; what is written between copy and truncation is
/// lost. Blocks on the disk.
record LogFile(Path folder, String stream) {
  /// Bytes and where they end.
  record Part(byte[] bytes, long nextOffset) {}

  private Path current() {
    return folder.resolve(stream);
  }

  private Path older() {
    return folder.resolve(stream + ".1");
  }

  /// Offset of the first byte of the current file.
  private long base() {
    try {
      return Long.parseLong(Files.readString(folder.resolve(stream + ".base")).strip());
    } catch (NoSuchFileException | NumberFormatException e) {
      return 0;
    } catch (IOException e) {
      throw DurableFile.failed("read the log base in " + folder, e);
    }
  }

  /// Offset behind the last byte.
  long end() {
    return base() + size(current());
  }

  /// At most `most` bytes from the offset, or from the oldest kept byte when that is later; a
  /// negative offset counts from the end.
  Part read(long offset, int most) {
    long base = base();
    long from = offset < 0 ? Math.max(0, end() + offset) : offset;
    if (from >= base) {
      return read(current(), from - base, most, base);
    }
    long olderBase = base - size(older());
    Part part = read(older(), Math.max(0, from - olderBase), most, olderBase);
    return part.bytes().length == 0 ? read(current(), 0, most, base) : part;
  }

  private static Part read(Path file, long position, int most, long base) {
    try (var channel = FileChannel.open(file, StandardOpenOption.READ)) {
      long left = Math.max(0, channel.size() - position);
      var buffer = ByteBuffer.allocate((int) Math.min(most, left));
      int read = channel.read(buffer, position);
      buffer.flip();
      byte[] bytes = new byte[buffer.remaining()];
      buffer.get(bytes);
      return new Part(bytes, base + position + Math.max(0, read));
    } catch (NoSuchFileException e) {
      return new Part(new byte[0], base + position);
    } catch (IOException e) {
      throw DurableFile.failed("read the log " + file, e);
    }
  }

  private static long size(Path file) {
    try {
      return Files.size(file);
    } catch (NoSuchFileException e) {
      return 0;
    } catch (IOException e) {
      throw DurableFile.failed("read the size of " + file, e);
    }
  }

  /// Keeps the current file below the cap.
  void trim(long cap) {
    long size = size(current());
    if (size <= cap) {
      return;
    }
    long base = base();
    try {
      Files.copy(current(), older(), StandardCopyOption.REPLACE_EXISTING);
      long copied = Files.size(older());
      DurableFile.write(
          folder.resolve(stream + ".base"),
          Long.toString(base + copied).getBytes(StandardCharsets.UTF_8));
      try (var channel = FileChannel.open(current(), StandardOpenOption.WRITE)) {
        channel.truncate(0);
      }
    } catch (IOException e) {
      throw DurableFile.failed("trim the log " + current(), e);
    }
  }
}
