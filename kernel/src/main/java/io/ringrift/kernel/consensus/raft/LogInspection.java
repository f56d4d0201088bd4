package io.ringrift.kernel.consensus.raft;

import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.zip.CRC32C;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.server.RaftServerConfigKeys.Log.CorruptionPolicy;
import org.apache.ratis.server.raftlog.segmented.LogSegment;
import org.apache.ratis.server.raftlog.segmented.LogSegmentPath;

/// Reads a closed raft log before Ratis does. Ratis refuses a wrong digest. But an entry that would
/// end behind its file it takes for one that a crash cut short, and drops it with everything behind
/// it: a damaged length would take back what this voter acknowledged. For one thread.
final class LogInspection {
  private static final Pattern NAME = Pattern.compile("log_(?:inprogress_)?(\\d+)(?:-(\\d+))?");
  private static final int HEADER = 8;
  private static final int DIGEST = Integer.BYTES;
  private static final int TERM_TAG = 1 << 3;
  private static final int INDEX_TAG = 2 << 3;

  /// How far behind the last whole entry another may be.
  private static final long NEAR = 1L << 20;

  private final Path file;

  /// First entry of the file, as its name says.
  private final long start;

  /// Last entry of a file that is closed, as its name says; empty for the one that is written to.
  private final Optional<Long> named;

  private long first = -1;
  private long last = -1;
  private long bytes = HEADER;

  private LogInspection(LogSegmentPath segment) {
    this.file = segment.getPath();
    var name = NAME.matcher(file.getFileName().toString());
    if (!name.matches()) {
      throw new IllegalArgumentException(file + " is no file of a raft log");
    }
    this.start = Long.parseLong(name.group(1));
    this.named = Optional.ofNullable(name.group(2)).map(Long::parseLong);
  }

  /// Files of a log in the order of their entries.
  ///
  /// @param folder that of the group in which Ratis keeps them
  static List<LogSegmentPath> segments(Path folder) throws IOException {
    try (var files = Files.list(folder)) {
      return files
          .flatMap(f -> Optional.ofNullable(LogSegmentPath.matchLogSegment(f)).stream())
          .sorted(Comparator.comparing(LogSegmentPath::getStartEnd))
          .toList();
    }
  }

  /// Changes nothing.
  ///
  /// @param raft folder of Raft, as the message names it
  /// @param current that of the group in which Ratis keeps the log; may be missing
  /// @throws Refusal STORAGE_CORRUPT naming the file and what to do; STORAGE_FAILED
  static void inspect(Path raft, Path current) {
    if (!Files.isDirectory(current)) {
      return;
    }
    try {
      long end = -1;
      for (LogSegmentPath segment : segments(current)) {
        var inspection = new LogInspection(segment);
        Optional<String> damage = inspection.read(segment, end);
        if (damage.isPresent()) {
          throw damaged(raft, segment.getPath(), damage.get());
        }
        end = Math.max(end, inspection.last);
      }
    } catch (IOException e) {
      throw new Refusal(
          Reason.STORAGE_FAILED, "reading the raft log in " + raft + " failed: " + e, e);
    }
  }

  private static Refusal damaged(Path raft, Path file, String what) {
    return new Refusal(
            Reason.STORAGE_CORRUPT,
            "the raft log in "
                + raft
                + " is damaged ("
                + file.getFileName()
                + ": "
                + what
                + "); this voter may have acknowledged what is lost, so it does not start; look at"
                + " the disk; while the other voters run and one of them leads, move that folder"
                + " aside and start again, so that this voter fetches everything from the leader,"
                + " and does not vote before; an only voter needs a backup of its state folder")
        .with("file", file.toString());
  }

  /// @param before last entry of the files before
  /// @return what is damaged; empty when all is well
  private Optional<String> read(LogSegmentPath segment, long before) throws IOException {
    try {
      LogSegment.readSegmentFile(
          file.toFile(),
          segment.getStartEnd(),
          RaftTuning.APPENDER,
          CorruptionPolicy.EXCEPTION,
          null,
          this::take);
    } catch (IOException | RuntimeException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
    if (first >= 0 && before >= 0 && first != before + 1) {
      return Optional.of("entry " + first + " follows entry " + before);
    }
    return named.filter(end -> last >= end).isPresent() ? Optional.empty() : tail();
  }

  private void take(LogEntryProto entry) {
    first = first < 0 ? entry.getIndex() : first;
    last = entry.getIndex();
    int size = entry.getSerializedSize();
    bytes += varintSize(size) + size + DIGEST;
  }

  /// What is behind the last entry that could be read: nothing, or in the file that was written to
  /// last the beginning of an entry that a crash cut short.
  private Optional<String> tail() throws IOException {
    ByteBuffer tail;
    try (var channel = FileChannel.open(file)) {
      long from = Math.min(last < 0 ? 0 : bytes, channel.size());
      tail = ByteBuffer.allocate(Math.toIntExact(channel.size() - from));
      int read = 0;
      while (tail.hasRemaining() && read >= 0) {
        read = channel.read(tail, from + tail.position());
      }
      tail.flip();
    }
    boolean isDamaged = named.isEmpty() ? holdsEntry(tail) : !isBlank(tail);
    return isDamaged
        ? Optional.of("it cannot be read behind entry " + last + ", but goes on there")
        : Optional.empty();
  }

  private static boolean isBlank(ByteBuffer tail) {
    for (int at = 0; at < tail.limit(); at++) {
      if (tail.get(at) != 0) {
        return false;
      }
    }
    return true;
  }

  private boolean holdsEntry(ByteBuffer tail) {
    for (int at = 0; at < tail.limit(); at++) {
      if (isEntry(tail, at)) {
        return true;
      }
    }
    return false;
  }

  /// An entry is its length, its content, which begins with term and index, and a digest of both.
  private boolean isEntry(ByteBuffer tail, int at) {
    long length = varint(tail, at);
    int content = at + varintSize(length);
    if (length < 0
        || length > RaftTuning.APPENDER.getSize()
        || content + length + DIGEST > tail.limit()) {
      return false;
    }
    long term = byteAt(tail, content) == TERM_TAG ? varint(tail, content + 1) : -1;
    int behindTerm = content + 1 + varintSize(term);
    if (term < 0 || byteAt(tail, behindTerm) != INDEX_TAG) {
      return false;
    }
    long index = varint(tail, behindTerm + 1);
    long read = last < 0 ? start - 1 : last;
    if (index <= read || index > read + NEAR) {
      return false;
    }
    int end = content + (int) length;
    var digest = new CRC32C();
    digest.update(tail.slice(at, end - at));
    return (int) digest.getValue() == tail.getInt(end);
  }

  /// @return -1 behind the end
  private static int byteAt(ByteBuffer buffer, int at) {
    return at < buffer.limit() ? buffer.get(at) & 0xFF : -1;
  }

  /// @return -1 when none stands there
  private static long varint(ByteBuffer buffer, int at) {
    long value = 0;
    for (int i = 0; i < 9; i++) {
      int next = byteAt(buffer, at + i);
      if (next < 0) {
        return -1;
      }
      value |= (next & 0x7FL) << (7 * i);
      if (next < 0x80) {
        return value;
      }
    }
    return -1;
  }

  private static int varintSize(long value) {
    return Math.max(1, (Long.SIZE - Long.numberOfLeadingZeros(value) + 6) / 7);
  }
}
