package io.ringrift.kernel.store;

import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Refusal;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.zip.CRC32C;

/// What this node may never forget: its promise as a voter and the greatest epoch it has seen.
/// Apart from the log on purpose: the log may be lost and fetched again, the promise may not. Two
/// equal copies, written and synced one behind the other, so that one damaged copy costs nothing
/// and a crash while writing leaves the other whole. Safe for any thread; blocks on the disk.
public final class EpochStore implements AutoCloseable {
  private static final int MAGIC = 0x52524550;
  private static final int SIZE = 256;

  private final ReentrantLock lock = new ReentrantLock();
  private final List<Path> files;
  private final List<FileChannel> copies;

  /// What is durable; written under the lock.
  private volatile Pledge pledge;

  private long sequence;

  /// @param promised no lesser epoch counts any more at this voter
  /// @param grantedTo who alone may lead in that epoch
  /// @param seen greatest epoch of any order
  /// @param rebuilding the log was lost: this voter neither votes nor leads until it has caught up
  ///   with a leader
  public record Pledge(Epoch promised, Optional<NodeId> grantedTo, Epoch seen, boolean rebuilding) {
    public static final Pledge NONE = new Pledge(Epoch.ZERO, Optional.empty(), Epoch.ZERO, false);

    /// Greatest epoch that this node knows of.
    public Epoch greatest() {
      return promised.max(seen);
    }
  }

  private record Copy(long sequence, Pledge pledge) {}

  private EpochStore(List<Path> files, List<FileChannel> copies, Copy newest) {
    this.files = files;
    this.copies = copies;
    this.pledge = newest.pledge();
    this.sequence = newest.sequence();
  }

  /// Opens or creates the two copies `epoch-a` and `epoch-b` in the folder.
  ///
  /// @throws Refusal STORAGE_CORRUPT when neither copy can be read: the promise is lost, and a
  ///   voter that forgot its promise must not start by itself
  public static EpochStore open(Path folder) {
    var files = List.of(folder.resolve("epoch-a"), folder.resolve("epoch-b"));
    boolean fresh = files.stream().noneMatch(Files::exists);
    var channels = new ArrayList<FileChannel>();
    try {
      Files.createDirectories(folder);
      Optional<Copy> newest = Optional.empty();
      for (Path file : files) {
        var channel =
            FileChannel.open(
                file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
        channels.add(channel);
        var copy = read(channel);
        if (copy.isPresent()
            && (newest.isEmpty() || copy.get().sequence() > newest.get().sequence())) {
          newest = copy;
        }
      }
      if (newest.isEmpty() && !fresh) {
        throw lost(files);
      }
      var store = new EpochStore(files, channels, newest.orElse(new Copy(0, Pledge.NONE)));
      store.write(store.pledge);
      DurableFiles.sync(folder);
      return store;
    } catch (IOException e) {
      close(channels);
      throw Disk.refusal("opening " + files, e);
    } catch (Refusal e) {
      close(channels);
      throw e;
    }
  }

  private static Refusal lost(List<Path> files) {
    return Disk.corrupt(
        files.getFirst(),
        "both copies of the promise are damaged",
        "the other is "
            + files.get(1)
            + "; this node cannot know what it promised. Remove it from the voters, or, when every"
            + " voter has been stopped for longer than a lease, move both files away and start it"
            + " again");
  }

  /// What is durable now; does not block.
  public Pledge pledge() {
    return pledge;
  }

  /// Stores a promise; durable when this returns.
  public void promise(Epoch promised, Optional<NodeId> grantedTo) {
    lock.lock();
    try {
      write(new Pledge(promised, grantedTo, pledge.seen(), pledge.rebuilding()));
    } finally {
      lock.unlock();
    }
  }

  /// Remembers an epoch seen on an order; durable when this returns. A lesser one changes nothing.
  public void see(Epoch epoch) {
    lock.lock();
    try {
      if (epoch.isAfter(pledge.seen())) {
        write(new Pledge(pledge.promised(), pledge.grantedTo(), epoch, pledge.rebuilding()));
      }
    } finally {
      lock.unlock();
    }
  }

  /// Sets or clears the mark of a lost log; durable when this returns.
  public void rebuilding(boolean rebuilding) {
    lock.lock();
    try {
      write(new Pledge(pledge.promised(), pledge.grantedTo(), pledge.seen(), rebuilding));
    } finally {
      lock.unlock();
    }
  }

  private void write(Pledge next) {
    byte[] record = encode(++sequence, next);
    try {
      for (FileChannel copy : copies) {
        var buffer = ByteBuffer.wrap(record);
        while (buffer.hasRemaining()) {
          copy.write(buffer, buffer.position());
        }
        copy.force(true);
      }
    } catch (IOException e) {
      throw Disk.refusal("writing the promise to " + files, e);
    }
    pledge = next;
  }

  private static byte[] encode(long sequence, Pledge pledge) {
    var buffer = ByteBuffer.allocate(SIZE);
    byte[] holder =
        pledge.grantedTo().map(NodeId::value).orElse("").getBytes(StandardCharsets.UTF_8);
    buffer
        .putInt(MAGIC)
        .putLong(sequence)
        .putLong(pledge.promised().value())
        .putLong(pledge.seen().value())
        .put((byte) (pledge.rebuilding() ? 1 : 0))
        .put((byte) holder.length)
        .put(holder);
    return buffer.putInt(SIZE - Integer.BYTES, checksum(buffer.array())).array();
  }

  private static Optional<Copy> read(FileChannel channel) throws IOException {
    var buffer = ByteBuffer.allocate(SIZE);
    while (buffer.hasRemaining() && channel.read(buffer, buffer.position()) > 0) {
      // until full or at the end
    }
    if (buffer.hasRemaining()) {
      return Optional.empty();
    }
    buffer.flip();
    if (buffer.getInt() != MAGIC
        || buffer.getInt(SIZE - Integer.BYTES) != checksum(buffer.array())) {
      return Optional.empty();
    }
    long sequence = buffer.getLong();
    var promised = new Epoch(buffer.getLong());
    var seen = new Epoch(buffer.getLong());
    boolean rebuilding = buffer.get() == 1;
    byte[] holder = new byte[buffer.get()];
    buffer.get(holder);
    Optional<NodeId> grantedTo =
        holder.length == 0
            ? Optional.empty()
            : Optional.of(new NodeId(new String(holder, StandardCharsets.UTF_8)));
    return Optional.of(new Copy(sequence, new Pledge(promised, grantedTo, seen, rebuilding)));
  }

  private static int checksum(byte[] record) {
    var crc = new CRC32C();
    crc.update(record, 0, SIZE - Integer.BYTES);
    return (int) crc.getValue();
  }

  @Override
  public void close() {
    close(copies);
  }

  private static void close(List<FileChannel> channels) {
    for (FileChannel channel : channels) {
      try {
        channel.close();
      } catch (IOException e) {
        throw Disk.refusal("closing the promise", e);
      }
    }
  }
}
