package io.ringrift.managers.sync;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32C;

/// A big file on its way, whose ranges come in any order. Beside it lies a file of marks, one for
/// each part of a range that is durable, with its checksum: a mark is written after its part was
/// forced to the disk. After a crash only parts with a mark and the right checksum count as
/// received (RELIABILITY S2). What is received of a range is its beginning, without gaps. Safe for
/// many threads, each with a range of its own.
final class RangedFile implements AutoCloseable {
  private static final long MAGIC = 0x5252_4d41_524b_5332L;
  private static final int HEADER = 2 * Long.BYTES;
  private static final int MARK = 5 * Integer.BYTES;
  private static final int MOST_RANGES = 4096;
  private static final int LARGEST_RANGE = 1 << 30;

  /// The largest file, in bytes.
  static final long MOST_BYTES = (long) MOST_RANGES * LARGEST_RANGE;

  private static final OpenOption[] OPTIONS = {
    StandardOpenOption.CREATE,
    StandardOpenOption.READ,
    StandardOpenOption.WRITE,
    LinkOption.NOFOLLOW_LINKS
  };

  private final Path data;
  private final Path marksFile;
  private final FileChannel channel;
  private final FileChannel marks;
  private final long size;
  private final long rangeBytes;
  private final int[] received;

  private RangedFile(Space space, Path partial, long size, long rangeBytes) throws IOException {
    this.data = beside(partial, ".ranged");
    this.marksFile = beside(partial, ".marks");
    this.size = size;
    this.rangeBytes = Math.max(rangeBytes, (size + MOST_RANGES - 1) / MOST_RANGES);
    this.received = new int[ranges()];
    this.channel = space.open(data, OPTIONS);
    try {
      this.marks = space.open(marksFile, OPTIONS);
    } catch (IOException e) {
      channel.close();
      throw e;
    }
  }

  /// Whether an earlier try left something.
  static boolean isBegun(Path partial) {
    return Files.exists(beside(partial, ".ranged"), LinkOption.NOFOLLOW_LINKS);
  }

  private static Path beside(Path partial, String ending) {
    return partial.resolveSibling(partial.getFileName() + ending);
  }

  /// @param partial name that an earlier try had too
  /// @param size of the whole, in bytes; MOST_BYTES at most
  /// @param rangeBytes wanted size of a range; greater when there would be too many
  static RangedFile open(Space space, Path partial, long size, long rangeBytes) throws IOException {
    var file = new RangedFile(space, partial, size, rangeBytes);
    try {
      file.readMarks();
      return file;
    } catch (IOException e) {
      file.close();
      throw e;
    }
  }

  /// Marks of another range size, or of a longer file, are worth nothing.
  private void readMarks() throws IOException {
    var header = read(marks, 0, HEADER);
    if (header.remaining() < HEADER
        || header.getLong() != MAGIC
        || header.getLong() != rangeBytes
        || channel.size() > size) {
      restart();
      return;
    }
    long at = HEADER;
    for (var mark = read(marks, at, MARK); mark.remaining() == MARK && trust(mark); ) {
      at += MARK;
      mark = read(marks, at, MARK);
    }
    marks.truncate(at);
  }

  /// Takes over what a mark says, as far as the disk bears it out.
  ///
  /// @return false when the mark itself is damaged
  private boolean trust(ByteBuffer mark) throws IOException {
    int sumOfMark = sumOf(mark.slice(0, MARK - Integer.BYTES));
    int range = mark.getInt();
    int from = mark.getInt();
    int end = mark.getInt();
    int sum = mark.getInt();
    if (mark.getInt() != sumOfMark || range < 0 || range >= ranges()) {
      return false;
    }
    if (from < 0 || from >= end || end > end(range) - start(range)) {
      return false;
    }
    if (from <= received[range]
        && end > received[range]
        && sum(start(range) + from, start(range) + end) == sum) {
      received[range] = end;
    }
    return true;
  }

  private static int sumOf(ByteBuffer bytes) {
    var crc = new CRC32C();
    crc.update(bytes);
    return (int) crc.getValue();
  }

  /// CRC32C of what is on the disk from one place to another.
  int sum(long from, long end) throws IOException {
    var crc = new CRC32C();
    var buffer = ByteBuffer.allocate(FileSender.CHUNK);
    long at = from;
    while (at < end) {
      buffer.clear().limit((int) Math.min(buffer.capacity(), end - at));
      int read = channel.read(buffer, at);
      if (read < 0) {
        break;
      }
      crc.update(buffer.flip());
      at += read;
    }
    return (int) crc.getValue();
  }

  private static ByteBuffer read(FileChannel from, long at, int length) throws IOException {
    var buffer = ByteBuffer.allocate(length);
    int got = 0;
    while (got >= 0 && buffer.hasRemaining()) {
      got = from.read(buffer, at + buffer.position());
    }
    return buffer.flip();
  }

  int ranges() {
    return (int) ((size + rangeBytes - 1) / rangeBytes);
  }

  long start(int range) {
    return range * rangeBytes;
  }

  long end(int range) {
    return Math.min(size, start(range) + rangeBytes);
  }

  /// Where a range goes on: everything before, from its start, is durable.
  synchronized long next(int range) {
    return start(range) + received[range];
  }

  /// Ranges of which something is still to come, in order.
  List<Integer> open() {
    var open = new ArrayList<Integer>();
    for (int i = 0; i < ranges(); i++) {
      if (next(i) < end(i)) {
        open.add(i);
      }
    }
    return open;
  }

  /// Bytes still to come.
  long missing() {
    return open().stream().mapToLong(range -> end(range) - next(range)).sum();
  }

  void write(long at, ByteBuffer bytes) throws IOException {
    long to = at;
    while (bytes.hasRemaining()) {
      to += channel.write(bytes, to);
    }
  }

  /// Makes a part of a range durable, and then the knowledge of it.
  void mark(RangeHold.Part part) throws IOException {
    channel.force(false);
    synchronized (this) {
      int range = part.range();
      int end = (int) (part.end() - start(range));
      var mark = ByteBuffer.allocate(MARK).putInt(range).putInt((int) (part.from() - start(range)));
      mark.putInt(end).putInt(part.sum()).putInt(sumOf(mark.slice(0, mark.position())));
      long at = marks.size();
      for (mark.flip(); mark.hasRemaining(); ) {
        at += marks.write(mark, at);
      }
      marks.force(false);
      received[range] = Math.max(received[range], end);
    }
  }

  /// Forgets everything received.
  synchronized void restart() throws IOException {
    marks.truncate(0);
    marks.force(false);
    channel.truncate(0);
    Arrays.fill(received, 0);
    var header = ByteBuffer.allocate(HEADER).putLong(MAGIC).putLong(rangeBytes).flip();
    for (long at = 0; header.hasRemaining(); ) {
      at += marks.write(header, at);
    }
  }

  /// Hash of the whole as it is on the disk.
  String sha256() throws IOException {
    MessageDigest digest = FileDigest.sha256();
    channel.position(0);
    FileDigest.update(digest, channel, size);
    return FileDigest.hex(digest);
  }

  /// Where the content is.
  Path path() {
    return data;
  }

  /// Makes everything durable.
  void force() throws IOException {
    channel.force(true);
  }

  /// Removes what is left of it.
  void delete() throws IOException {
    Files.deleteIfExists(marksFile);
    Files.deleteIfExists(data);
  }

  @Override
  public void close() throws IOException {
    try (marks) {
      channel.close();
    }
  }
}
