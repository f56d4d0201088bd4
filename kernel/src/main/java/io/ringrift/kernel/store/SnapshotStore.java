package io.ringrift.kernel.store;

import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.consensus.ledger.LogPosition;
import java.io.BufferedOutputStream;
import java.io.DataOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32C;
import java.util.zip.CheckedOutputStream;

/// Snapshots of the state machine as files `<index>-<epoch>.snapshot`: header, body, checksum. A
/// file appears whole or not at all; the two newest are kept. Blocks on the disk; one thread owns
/// it.
public final class SnapshotStore {
  /// Greatest snapshot that is written, sent or installed.
  public static final int MAX_BYTES = 256 << 20;

  private static final int MAGIC = 0x52525350;
  private static final int HEADER = Integer.BYTES + 2 * Long.BYTES;
  private static final int KEEP = 2;

  private final Path folder;
  private final int mostBytes;

  /// Of the newest file: asked at every turn of a voter, so the folder is read at changes only.
  private LogPosition position = LogPosition.START;

  /// Writes the body of a snapshot.
  @FunctionalInterface
  public interface Body {
    void writeTo(OutputStream out) throws IOException;
  }

  /// @param data the state machine's bytes; nobody may change them
  public record Snapshot(LogPosition position, byte[] data) {}

  private SnapshotStore(Path folder, int mostBytes) {
    this.folder = folder;
    this.mostBytes = mostBytes;
  }

  /// Opens or creates the folder and removes what an interrupted write left behind.
  public static SnapshotStore open(Path folder) {
    return open(folder, MAX_BYTES);
  }

  static SnapshotStore open(Path folder, int mostBytes) {
    try {
      Files.createDirectories(folder);
      try (var files = Files.newDirectoryStream(folder, "*.partial")) {
        for (Path partial : files) {
          Files.delete(partial);
        }
      }
      var store = new SnapshotStore(folder, mostBytes);
      store.position = store.newestPosition();
      return store;
    } catch (IOException e) {
      throw Disk.refusal("opening " + folder, e);
    }
  }

  /// Stores a snapshot; durable when this returns.
  ///
  /// @throws Refusal BACKPRESSURE when the body is larger than any reader takes; DISK_FULL or
  ///   STORAGE_FAILED when the disk does not take it. What was there before stays then
  public void save(LogPosition position, Body body) {
    Path target = folder.resolve(name(position));
    Path partial = folder.resolve(name(position) + ".partial");
    try {
      try (var channel =
          FileChannel.open(
              partial,
              StandardOpenOption.CREATE,
              StandardOpenOption.TRUNCATE_EXISTING,
              StandardOpenOption.WRITE)) {
        var sum = new CheckedOutputStream(Channels.newOutputStream(channel), new CRC32C());
        var out = new DataOutputStream(new BufferedOutputStream(sum, 64 << 10));
        out.writeInt(MAGIC);
        out.writeLong(position.epoch().value());
        out.writeLong(position.index());
        body.writeTo(new Bounded(out));
        out.flush();
        out.writeInt((int) sum.getChecksum().getValue());
        out.flush();
        channel.force(true);
      }
      DurableFiles.publish(partial, target);
      this.position = newestPosition();
      removeOld();
    } catch (IOException e) {
      throw discarded(partial, Disk.refusal("writing " + target, e));
    } catch (Refusal e) {
      throw discarded(partial, e);
    }
  }

  /// What could not be finished must not go on filling the disk.
  private static Refusal discarded(Path partial, Refusal cause) {
    try {
      Files.deleteIfExists(partial);
    } catch (IOException e) {
      cause.addSuppressed(e);
    }
    return cause;
  }

  /// The newest snapshot; empty when there is none.
  ///
  /// @throws Refusal STORAGE_CORRUPT naming the file when the newest is damaged
  public Optional<Snapshot> newest() {
    var files = files();
    return files.isEmpty() ? Optional.empty() : Optional.of(read(files.getFirst()));
  }

  /// Place of the newest snapshot by its name; START without one.
  public LogPosition position() {
    return position;
  }

  private LogPosition newestPosition() {
    var files = files();
    return files.isEmpty() ? LogPosition.START : position(files.getFirst());
  }

  /// Takes the newest file out of use; the one before it, if any, is the newest then.
  ///
  /// @return where it lies now
  public Path discardNewest(Path into) {
    Path file = files().getFirst();
    try {
      Files.createDirectories(into);
      Path target = into.resolve(file.getFileName());
      DurableFiles.publish(file, target);
      position = newestPosition();
      return target;
    } catch (IOException e) {
      throw Disk.refusal("moving " + file + " to " + into, e);
    }
  }

  private static Snapshot read(Path file) {
    try {
      if (Files.size(file) > MAX_BYTES + HEADER + Integer.BYTES) {
        throw Disk.corrupt(file, "file too large", Files.size(file) + " bytes");
      }
      byte[] bytes = Files.readAllBytes(file);
      if (bytes.length < HEADER + Integer.BYTES) {
        throw Disk.corrupt(file, "truncated file", bytes.length + " bytes");
      }
      var crc = new CRC32C();
      crc.update(bytes, 0, bytes.length - Integer.BYTES);
      var buffer = ByteBuffer.wrap(bytes);
      if (buffer.getInt(bytes.length - Integer.BYTES) != (int) crc.getValue()) {
        throw Disk.corrupt(file, "wrong checksum", bytes.length + " bytes");
      }
      if (buffer.getInt() != MAGIC) {
        throw Disk.corrupt(file, "not a snapshot", "unknown first bytes");
      }
      var position = new LogPosition(new Epoch(buffer.getLong()), buffer.getLong());
      return new Snapshot(
          position, Arrays.copyOfRange(bytes, HEADER, bytes.length - Integer.BYTES));
    } catch (IOException e) {
      throw Disk.refusal("reading " + file, e);
    }
  }

  /// Ends a body that grows beyond what can be read again.
  private final class Bounded extends FilterOutputStream {
    private long left = mostBytes;

    Bounded(OutputStream out) {
      super(out);
    }

    @Override
    public void write(int b) throws IOException {
      take(1);
      out.write(b);
    }

    @Override
    public void write(byte[] bytes, int from, int length) throws IOException {
      take(length);
      out.write(bytes, from, length);
    }

    private void take(int length) {
      left -= length;
      if (left < 0) {
        throw new Refusal(
            Reason.BACKPRESSURE,
            "the state is larger than a snapshot may be ("
                + mostBytes
                + " bytes); remove ended jobs and work, or spread them over clusters");
      }
    }
  }

  private void removeOld() throws IOException {
    for (Path old : files().stream().skip(KEEP).toList()) {
      Files.delete(old);
    }
  }

  /// Newest first.
  private List<Path> files() {
    try (var files = Files.list(folder)) {
      return files
          .filter(f -> f.getFileName().toString().matches("\\d{20}-\\d{20}\\.snapshot"))
          .sorted(Comparator.<Path, LogPosition>comparing(SnapshotStore::position).reversed())
          .toList();
    } catch (IOException e) {
      throw Disk.refusal("reading " + folder, e);
    }
  }

  private static String name(LogPosition position) {
    return String.format("%020d-%020d.snapshot", position.index(), position.epoch().value());
  }

  private static LogPosition position(Path file) {
    String name = file.getFileName().toString();
    return new LogPosition(
        new Epoch(Long.parseLong(name.substring(21, 41))), Long.parseLong(name.substring(0, 20)));
  }
}
