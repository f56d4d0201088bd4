package io.ringrift.benchmarks;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.SplittableRandom;

/// Trees of data files that do not compress and do not repeat.
final class DataFiles {
  private static final int PER_FOLDER = 1000;
  private static final int BLOCK = 1 << 20;

  private DataFiles() {}

  /// Writes files of game data below a folder.
  static void write(Path folder, int files, long bytesEach) throws IOException {
    var random = new SplittableRandom(files);
    byte[] block = new byte[(int) Math.min(BLOCK, bytesEach)];
    for (int i = 0; i < files; i++) {
      Path parent = Files.createDirectories(folder.resolve("part" + i / PER_FOLDER));
      try (var channel =
          FileChannel.open(
              parent.resolve("game" + i + ".jsonl"),
              StandardOpenOption.CREATE_NEW,
              StandardOpenOption.WRITE)) {
        for (long left = bytesEach; left > 0; left -= Math.min(left, block.length)) {
          random.nextBytes(block);
          var _ = channel.write(ByteBuffer.wrap(block, 0, (int) Math.min(left, block.length)));
        }
      }
    }
  }
}
