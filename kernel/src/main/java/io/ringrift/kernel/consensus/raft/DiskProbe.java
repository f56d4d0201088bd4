package io.ringrift.kernel.consensus.raft;

import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.store.SpaceReserve;
import io.ringrift.kernel.time.Moment;
import io.ringrift.kernel.time.Ticker;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// Syncs one block a second on the disk of the raft log and tells when that is slow or fails: a
/// leader whose disk is sick holds up everybody. Any thread asks; a thread of its own blocks.
final class DiskProbe implements AutoCloseable {
  private static final Duration EVERY = Duration.ofSeconds(1);

  /// Stores something and syncs it.
  @FunctionalInterface
  interface Sync {
    /// @throws IOException when the disk does not take it
    void run() throws IOException;
  }

  private final Sync sync;
  private final Ticker ticker;
  private final Duration limit;
  private final CountDownLatch closing = new CountDownLatch(1);
  private final Thread thread;

  /// MAX while nothing is being synced.
  private volatile Moment began = Moment.MAX;

  private volatile String trouble = "";

  /// @param limit how long a sync may take
  DiskProbe(Path folder, Ticker ticker, Duration limit) {
    this(block(folder.resolve("probe"), SpaceReserve.of(folder)), ticker, limit);
  }

  DiskProbe(Sync sync, Ticker ticker, Duration limit) {
    this.sync = sync;
    this.ticker = ticker;
    this.limit = limit;
    this.thread = Thread.ofPlatform().daemon().name("disk-probe").start(this::loop);
  }

  /// What is wrong with the disk; empty when it is well.
  Optional<String> trouble(Moment now) {
    Moment since = began;
    if (!since.equals(Moment.MAX) && now.since(since).compareTo(limit) > 0) {
      return Optional.of("a sync has taken " + now.since(since).toMillis() + " ms by now");
    }
    return Optional.of(trouble).filter(text -> !text.isEmpty());
  }

  private void loop() {
    try {
      do {
        probe();
      } while (!closing.await(EVERY.toMillis(), TimeUnit.MILLISECONDS));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /// Opens the file each time: a disk that was mounted again is another one for an open file.
  private static Sync block(Path file, SpaceReserve reserve) {
    return () -> {
      try (var channel =
          FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
        reserve.requireToWrite();
        channel.write(ByteBuffer.allocate(512), 0);
        channel.force(false);
      }
    };
  }

  private void probe() {
    Moment start = ticker.now();
    began = start;
    trouble = told(start);
    // In this order: a sync that took too long is told of without a gap.
    began = Moment.MAX;
  }

  private String told(Moment start) {
    try {
      sync.run();
      Duration took = ticker.now().since(start);
      return took.compareTo(limit) > 0 ? "a sync took " + took.toMillis() + " ms" : "";
    } catch (IOException e) {
      return new Refusal(Reason.STORAGE_FAILED, "a sync failed: " + e.getMessage(), e).text();
    } catch (Refusal e) {
      return e.text();
    }
  }

  @Override
  public void close() {
    closing.countDown();
    try {
      thread.join(EVERY);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
