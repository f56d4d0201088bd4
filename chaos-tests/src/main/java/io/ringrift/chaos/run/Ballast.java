package io.ringrift.chaos.run;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/// A file that takes all room of its file system, until it is removed also what others give back.
/// It is opened once: after an unmount it would fill the disk below. Removed by one thread.
final class Ballast {
  private static final Duration AGAIN = Duration.ofMillis(50);

  private final Path file;
  private final FileChannel out;
  private final ByteBuffer zeros = ByteBuffer.allocate(64 << 10);
  private final long written;
  private final Thread filling;
  private volatile boolean over;

  /// Returns when there is no room.
  Ballast(Path file) throws IOException {
    this.file = file;
    this.out = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    this.written = fill();
    this.filling =
        Thread.ofVirtual()
            .name("ballast")
            .start(
                () -> {
                  while (!over) {
                    LockSupport.parkNanos(AGAIN.toNanos());
                    var _ = fill();
                  }
                });
  }

  private long fill() {
    long filled = 0;
    try {
      while (!over) {
        zeros.rewind();
        filled += out.write(zeros);
      }
    } catch (IOException full) {
      // There is no room now.
    }
    return filled;
  }

  /// In bytes, until there was no room for the first time.
  long written() {
    return written;
  }

  void remove() throws IOException, InterruptedException {
    over = true;
    filling.join();
    out.close();
    Files.deleteIfExists(file);
  }
}
