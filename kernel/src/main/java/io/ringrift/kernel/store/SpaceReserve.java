package io.ringrift.kernel.store;

import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import java.nio.file.Path;
import java.util.function.LongSupplier;

/// Space that the log leaves free on its disk. The log is the first to stop, so that what it has
/// taken can still be executed, flushed and promised about; RocksDB by itself writes on into blocks
/// it allocated ahead and fails later, in the background. Going on asks for more than stopping, so
/// that a disk at the edge does not stop and start a voter all the time. Any thread.
public final class SpaceReserve {
  /// Two RocksDB stores flush at most 8 MiB each.
  static final long TO_WRITE = 16L << 20;

  static final long TO_GO_ON = 2 * TO_WRITE;

  private final Path folder;
  private final LongSupplier usable;

  SpaceReserve(Path folder, LongSupplier usable) {
    this.folder = folder;
    this.usable = usable;
  }

  /// The reserve of the disk that holds the folder.
  public static SpaceReserve of(Path folder) {
    var file = folder.toFile();
    return new SpaceReserve(
        folder,
        () -> {
          long free = file.getUsableSpace();
          // A file system that does not tell its size tells nothing about its free space either.
          return free == 0 && file.getTotalSpace() == 0 ? Long.MAX_VALUE : free;
        });
  }

  /// @throws Refusal DISK_FULL when less than 16 MiB are free
  public void requireToWrite() {
    require(TO_WRITE);
  }

  /// @throws Refusal DISK_FULL when less than 32 MiB are free, asked after a failure
  public void requireToGoOn() {
    require(TO_GO_ON);
  }

  private void require(long bytes) {
    long free = usable.getAsLong();
    if (free < bytes) {
      throw new Refusal(
          Reason.DISK_FULL,
          "the disk that holds "
              + folder
              + " is full: "
              + (free >> 10)
              + " KiB are free, the ledger needs "
              + (bytes >> 10)
              + "; free some space: the node goes on by itself");
    }
  }
}
