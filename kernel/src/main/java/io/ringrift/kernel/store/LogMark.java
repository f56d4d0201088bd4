package io.ringrift.kernel.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.OptionalLong;
import java.util.zip.CRC32C;

/// Last index known to be durable in the log, kept beside it. A write-ahead log cut off at a record
/// boundary looks whole; a voter that goes on with it has forgotten what it acknowledged. The mark
/// is written behind each synced append without a sync of its own, so it may lag and then finds
/// less, but it is never ahead of the durable log.
final class LogMark implements AutoCloseable {
  private static final int SIZE = 12;

  private final Path file;
  private final FileChannel channel;
  private final ByteBuffer buffer = ByteBuffer.allocate(SIZE);

  private LogMark(Path file, FileChannel channel) {
    this.file = file;
    this.channel = channel;
  }

  static LogMark open(Path file) {
    try {
      Files.createDirectories(DurableFiles.folderOf(file));
      return new LogMark(
          file,
          FileChannel.open(
              file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE));
    } catch (IOException e) {
      throw Disk.refusal("opening " + file, e);
    }
  }

  /// The marked index; empty when there is none or it is damaged, which only weakens the check.
  OptionalLong read() {
    try {
      buffer.clear();
      int n = channel.read(buffer, 0);
      if (n < SIZE) {
        return OptionalLong.empty();
      }
      buffer.flip();
      long index = buffer.getLong();
      return buffer.getInt() == checksum() ? OptionalLong.of(index) : OptionalLong.empty();
    } catch (IOException e) {
      throw Disk.refusal("reading " + file, e);
    }
  }

  /// @param force durable before this returns: for a mark that falls
  void write(long index, boolean force) {
    try {
      buffer.clear();
      buffer.putLong(index);
      buffer.putInt(checksum());
      buffer.flip();
      channel.write(buffer, 0);
      if (force) {
        channel.force(true);
      }
    } catch (IOException e) {
      throw Disk.refusal("writing to " + file, e);
    }
  }

  private int checksum() {
    var crc = new CRC32C();
    crc.update(buffer.array(), 0, Long.BYTES);
    return (int) crc.getValue();
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw Disk.refusal("closing " + file, e);
    }
  }
}
