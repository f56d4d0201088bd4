package io.ringrift.managers.sync;

import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.time.Moment;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.Set;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/// One source's hold of one range. It writes while it has the range; once the range is taken away
/// it writes nothing more. Safe for any thread.
final class RangeHold {
  private final int range;
  private final NodeId node;
  private final Moment began;
  private final Optional<RangeHold> before;
  private final Set<NodeId> tried;
  private final CRC32C sum = new CRC32C();
  private long from;
  private long at;
  private boolean over;
  private boolean taken;
  private @Nullable Thread reader;

  /// @param before the hold that this one took the range from
  /// @param tried sources that had the range before, one after the other
  RangeHold(int range, NodeId node, Moment began, Optional<RangeHold> before, Set<NodeId> tried) {
    this.range = range;
    this.node = node;
    this.began = began;
    this.before = before;
    this.tried = tried;
  }

  /// Thrown to whoever writes and has the range no more.
  static final class Taken extends IOException {
    private static final long serialVersionUID = 1;

    Taken() {
      super("another source brings this range by now");
    }
  }

  int range() {
    return range;
  }

  NodeId node() {
    return node;
  }

  Moment began() {
    return began;
  }

  Optional<RangeHold> before() {
    return before;
  }

  Set<NodeId> tried() {
    return tried;
  }

  /// The calling thread reads from now on, and is interrupted when the range is taken away.
  ///
  /// @return false when it was taken away already
  synchronized boolean read(long place) {
    if (over) {
      return false;
    }
    from = place;
    at = place;
    reader = Thread.currentThread();
    return true;
  }

  synchronized void write(RangedFile file, ByteBuffer bytes) throws IOException {
    if (over) {
      throw new Taken();
    }
    int size = bytes.remaining();
    sum.update(bytes.duplicate());
    file.write(at, bytes);
    at += size;
  }

  /// Ends reading.
  ///
  /// @return false when the range was taken away
  synchronized boolean close() {
    reader = null;
    over = true;
    if (taken) {
      // Whoever took the range away may have interrupted this thread for it.
      Thread.interrupted();
    }
    return !taken;
  }

  /// @return false when it ended before
  synchronized boolean takeAway() {
    if (over) {
      return false;
    }
    over = true;
    taken = true;
    if (reader != null) {
      reader.interrupt();
    }
    return true;
  }

  synchronized boolean isTaken() {
    return taken;
  }

  /// What was written under this hold, once it is over.
  synchronized Part part() {
    return new Part(range, node, from, at, (int) sum.getValue());
  }

  /// Bytes that a node gave.
  ///
  /// @param from place in the file
  /// @param end place in the file behind the last byte
  /// @param sum CRC32C of them
  record Part(int range, NodeId node, long from, long end, int sum) {
    long size() {
      return end - from;
    }
  }
}
