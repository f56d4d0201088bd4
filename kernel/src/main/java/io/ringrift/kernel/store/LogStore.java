package io.ringrift.kernel.store;

import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.consensus.ledger.LogEntry;
import io.ringrift.kernel.consensus.ledger.LogPosition;
import io.ringrift.kernel.store.KeyValueStore.Change;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.zip.CRC32C;

/// The replicated log on disk: entries by index, each with a checksum over index, epoch, kind and
/// payload. Blocks on the disk; one thread owns it.
public final class LogStore implements AutoCloseable {
  /// Dropped entries kept for the operator; the oldest go first.
  static final int MAX_DROPPED = 1_000;

  private static final String ENTRIES = "entries";
  private static final String META = "meta";
  private static final String DROPPED = "dropped";
  private static final byte[] FLOOR = "floor".getBytes(StandardCharsets.UTF_8);
  private static final int HEADER = Integer.BYTES + Long.BYTES + 1;

  private final Path folder;
  private final KeyValueStore store;
  private final LogMark mark;
  private final SpaceReserve reserve;
  private long nextDropped;

  /// @param floor place right before the first entry kept; START when nothing was compacted
  /// @param entries everything behind the floor, in order
  public record Recovered(LogPosition floor, List<LogEntry> entries) {
    /// Place of the last entry, or the floor.
    public LogPosition end() {
      return entries.isEmpty() ? floor : entries.getLast().position();
    }
  }

  private LogStore(Path folder, KeyValueStore store, LogMark mark, SpaceReserve reserve) {
    this.folder = folder;
    this.store = store;
    this.mark = mark;
    this.reserve = reserve;
    store.scan(DROPPED, new byte[0], (key, _) -> nextDropped = index(key) + 1);
  }

  /// Opens or creates the log in a folder; its mark lies beside the folder as `<name>.mark`.
  ///
  /// @throws Refusal STORAGE_CORRUPT, DISK_FULL or STORAGE_FAILED
  public static LogStore open(Path folder) {
    return over(folder, RocksKeyValueStore.open(folder, List.of(ENTRIES, META, DROPPED)));
  }

  /// A log over any store that has the families `entries`, `meta` and `dropped`: the seam where
  /// tests let the disk fail.
  public static LogStore over(Path folder, KeyValueStore store) {
    return over(folder, store, SpaceReserve.of(folder));
  }

  static LogStore over(Path folder, KeyValueStore store, SpaceReserve reserve) {
    Path mark = folder.resolveSibling(folder.getFileName() + ".mark");
    try {
      return new LogStore(folder, store, LogMark.open(mark), reserve);
    } catch (Refusal e) {
      store.close();
      throw e;
    }
  }

  /// Reads and verifies the whole log.
  ///
  /// @throws Refusal STORAGE_CORRUPT naming the folder and what is wrong: a checksum, a gap, an
  ///   epoch that falls, or an end before the last index that was known to be durable
  public Recovered recover() {
    LogPosition floor = store.get(META, FLOOR).map(this::position).orElse(LogPosition.START);
    var entries = new ArrayList<LogEntry>();
    store.scan(
        ENTRIES,
        key(floor.index() + 1),
        (key, value) -> {
          LogEntry entry = decode(index(key), value);
          LogPosition last = entries.isEmpty() ? floor : entries.getLast().position();
          if (entry.index() != last.index() + 1) {
            throw corrupt("gap in the log", "entry " + entry.index() + " follows " + last.index());
          }
          if (entry.position().epoch().isBefore(last.epoch())) {
            throw corrupt("epoch that falls", entry.position() + " follows " + last);
          }
          entries.add(entry);
        });
    var recovered = new Recovered(floor, entries);
    OptionalLong marked = mark.read();
    if (marked.isPresent() && recovered.end().index() < marked.getAsLong()) {
      throw corrupt(
          "log shorter than what was acknowledged",
          "it ends at " + recovered.end().index() + ", durable was " + marked.getAsLong());
    }
    return recovered;
  }

  /// Deletes entries from `truncateFrom` on, then appends, in one synced write: all or nothing.
  ///
  /// @throws Refusal DISK_FULL already while a reserve is left, see `SpaceReserve`
  public void write(OptionalLong truncateFrom, List<LogEntry> append) {
    if (!append.isEmpty()) {
      reserve.requireToWrite();
    }
    var changes = new ArrayList<Change>(append.size() + 1);
    if (truncateFrom.isPresent()) {
      mark.write(truncateFrom.getAsLong() - 1, true);
      changes.add(
          new Change.DeleteRange(ENTRIES, key(truncateFrom.getAsLong()), key(Long.MAX_VALUE)));
    }
    for (LogEntry entry : append) {
      changes.add(new Change.Put(ENTRIES, key(entry.index()), encode(entry)));
    }
    store.write(changes, true);
    if (!append.isEmpty()) {
      mark.write(append.getLast().index(), false);
    }
  }

  /// Forgets entries up to and including this place; a durable snapshot covers them.
  public void compact(LogPosition upTo) {
    store.write(
        List.of(
            new Change.DeleteRange(ENTRIES, key(0), key(upTo.index() + 1)),
            new Change.Put(META, FLOOR, encode(upTo))),
        false);
  }

  /// Empties the log; the next entry follows on this place. Durable.
  public void reset(LogPosition floor) {
    mark.write(0, true);
    store.write(
        List.of(
            new Change.DeleteRange(ENTRIES, key(0), key(Long.MAX_VALUE)),
            new Change.Put(META, FLOOR, encode(floor))),
        true);
    mark.write(floor.index(), false);
  }

  /// Keeps entries that lost their place, for the operator.
  public void quarantine(List<LogEntry> entries) {
    var changes = new ArrayList<Change>();
    for (LogEntry entry : entries) {
      var value = ByteBuffer.allocate(Long.BYTES + HEADER + entry.payload().length);
      value.putLong(entry.index()).put(encode(entry));
      changes.add(new Change.Put(DROPPED, key(nextDropped++), value.array()));
    }
    if (nextDropped > MAX_DROPPED) {
      changes.add(new Change.DeleteRange(DROPPED, key(0), key(nextDropped - MAX_DROPPED)));
    }
    store.write(changes, false);
  }

  /// Entries that lost their place, oldest first, at most 1000.
  public List<LogEntry> quarantined() {
    var entries = new ArrayList<LogEntry>();
    store.scan(
        DROPPED,
        new byte[0],
        (_, value) -> {
          var buffer = ByteBuffer.wrap(value);
          long index = buffer.getLong();
          byte[] encoded = new byte[buffer.remaining()];
          buffer.get(encoded);
          entries.add(decode(index, encoded));
        });
    return entries;
  }

  private static byte[] encode(LogEntry entry) {
    byte[] value = new byte[HEADER + entry.payload().length];
    var buffer = ByteBuffer.wrap(value);
    buffer.position(Integer.BYTES);
    buffer.putLong(entry.position().epoch().value());
    buffer.put(
        switch (entry.kind()) {
          case COMMAND -> (byte) 1;
          case OPEN_EPOCH -> (byte) 2;
        });
    buffer.put(entry.payload());
    buffer.putInt(0, checksum(entry.index(), value));
    return value;
  }

  private LogEntry decode(long index, byte[] value) {
    if (value.length < HEADER) {
      throw corrupt("truncated entry", "entry " + index + " has " + value.length + " bytes");
    }
    var buffer = ByteBuffer.wrap(value);
    if (buffer.getInt() != checksum(index, value)) {
      throw corrupt("wrong checksum", "entry " + index);
    }
    var epoch = new Epoch(buffer.getLong());
    var kind =
        switch (buffer.get()) {
          case 1 -> LogEntry.Kind.COMMAND;
          case 2 -> LogEntry.Kind.OPEN_EPOCH;
          default -> throw corrupt("unknown kind of entry", "entry " + index);
        };
    byte[] payload = new byte[buffer.remaining()];
    buffer.get(payload);
    return new LogEntry(new LogPosition(epoch, index), kind, payload);
  }

  private static int checksum(long index, byte[] value) {
    var crc = new CRC32C();
    crc.update(key(index));
    crc.update(value, Integer.BYTES, value.length - Integer.BYTES);
    return (int) crc.getValue();
  }

  private static byte[] encode(LogPosition position) {
    var buffer = ByteBuffer.allocate(2 * Long.BYTES + Integer.BYTES);
    buffer.putLong(position.epoch().value()).putLong(position.index());
    var crc = new CRC32C();
    crc.update(buffer.array(), 0, 2 * Long.BYTES);
    return buffer.putInt((int) crc.getValue()).array();
  }

  private LogPosition position(byte[] value) {
    var crc = new CRC32C();
    crc.update(value, 0, Math.min(value.length, 2 * Long.BYTES));
    var buffer = ByteBuffer.wrap(value);
    if (value.length != 2 * Long.BYTES + Integer.BYTES
        || buffer.getInt(2 * Long.BYTES) != (int) crc.getValue()) {
      throw corrupt("wrong checksum", "start of the log");
    }
    return new LogPosition(new Epoch(buffer.getLong()), buffer.getLong());
  }

  private Refusal corrupt(String kind, String detail) {
    return Disk.corrupt(folder, kind, detail);
  }

  private static byte[] key(long index) {
    return ByteBuffer.allocate(Long.BYTES).putLong(index).array();
  }

  private static long index(byte[] key) {
    return ByteBuffer.wrap(key).getLong();
  }

  @Override
  public void close() {
    try {
      store.close();
    } finally {
      mark.close();
    }
  }
}
