package io.ringrift.benchmarks;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;

/// What the disk alone allows: one growing file, a record appended and synchronised at a time.
final class SyncedLog {
  private static final int RECORD_BYTES = 256;

  private SyncedLog() {}

  /// @param file a new one
  static Rates run(Path file, Duration length) throws IOException {
    var samples = new Samples();
    var before = Processor.now(List.of());
    long start = System.nanoTime();
    try (var log =
        FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      for (long at = start; at - start < length.toNanos(); ) {
        var record = ByteBuffer.allocate(RECORD_BYTES);
        while (record.hasRemaining()) {
          log.write(record);
        }
        log.force(false);
        long now = System.nanoTime();
        samples.add(now - at);
        at = now;
      }
    }
    double seconds = (System.nanoTime() - start) / 1e9;
    var spent = Processor.now(List.of()).since(before);
    return Rates.of(Samples.sorted(List.of(samples)), seconds, 0, spent);
  }
}
