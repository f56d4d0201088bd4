package io.ringrift.benchmarks;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/// What the disk alone allows: growing files, to each of which a record is appended and
/// synchronised at a time.
final class SyncedLog {
  private static final int RECORD_BYTES = 256;

  private SyncedLog() {}

  /// @param folder for new files
  /// @param files written side by side, as three replicas of one host do
  static Rates run(Path folder, int files, Duration length) throws Exception {
    var before = Processor.now(List.of());
    long start = System.nanoTime();
    var samples = new ArrayList<Samples>();
    try (var threads = Executors.newFixedThreadPool(files)) {
      var writers = new ArrayList<Future<Samples>>();
      for (int i = 0; i < files; i++) {
        Path file = folder.resolve(files + "-" + i);
        writers.add(threads.submit(() -> write(file, start + length.toNanos())));
      }
      for (var writer : writers) {
        samples.add(writer.get());
      }
    }
    double seconds = (System.nanoTime() - start) / 1e9;
    var spent = Processor.now(List.of()).since(before);
    return Rates.of(Samples.sorted(samples), seconds, 0, spent);
  }

  private static Samples write(Path file, long end) throws IOException {
    var samples = new Samples();
    try (var log =
        FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      for (long at = System.nanoTime(); at - end < 0; ) {
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
    return samples;
  }
}
