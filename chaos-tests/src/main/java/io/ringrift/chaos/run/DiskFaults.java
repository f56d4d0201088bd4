package io.ringrift.chaos.run;

import io.ringrift.chaos.ground.Ground;
import io.ringrift.chaos.ground.SlowDisk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/// What is done to state folders. One thread.
final class DiskFaults {
  private static final String BALLAST = "ballast";

  private final Ground ground;
  private final List<SlowDisk> slow = new ArrayList<>();

  DiskFaults(Ground ground) {
    this.ground = ground;
  }

  /// Each fsync takes that much longer from now on.
  String slow(List<String> nodes, Duration delay) throws IOException {
    for (String node : nodes) {
      slow.add(SlowDisk.of(ground.pid(node), delay));
    }
    return "each fsync of " + String.join(", ", nodes) + " takes " + delay.toMillis() + " ms more";
  }

  void fast() throws InterruptedException {
    for (SlowDisk each : slow) {
      each.end();
    }
    slow.clear();
  }

  /// Writes until there is no room; the state folder has a file system of its own.
  String fill(List<String> nodes) {
    long written = 0;
    for (String node : nodes) {
      written += fill(ground.stateFolder(node).resolve(BALLAST));
    }
    return written + " bytes written until there was no room";
  }

  private static long fill(Path file) {
    long written = 0;
    var zeros = ByteBuffer.allocate(64 << 10);
    try (var out = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      while (true) {
        zeros.rewind();
        written += out.write(zeros);
      }
    } catch (IOException full) {
      return written;
    }
  }

  void free(List<String> nodes) throws IOException {
    for (String node : nodes) {
      Files.deleteIfExists(ground.stateFolder(node).resolve(BALLAST));
    }
  }

  private Path copy(String node) {
    return ground.stateFolder(node).resolveSibling("state.older");
  }

  void keepCopies(List<String> nodes) throws IOException {
    for (String node : nodes) {
      copyTree(ground.stateFolder(node), copy(node));
    }
  }

  void restoreCopies(List<String> nodes) throws IOException {
    for (String node : nodes) {
      empty(ground.stateFolder(node));
      copyTree(copy(node), ground.stateFolder(node));
    }
  }

  void wipe(List<String> nodes) throws IOException {
    for (String node : nodes) {
      empty(ground.stateFolder(node));
    }
  }

  /// Deletes what is in the folder, not the folder, which may be a mount.
  static void empty(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        if (!file.equals(folder)) {
          Files.deleteIfExists(file);
        }
      }
    }
  }

  private static void copyTree(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.toList()) {
        Path target = to.resolve(from.relativize(file).toString());
        if (!Files.isDirectory(file)) {
          Files.copy(file, target);
        } else if (!Files.isDirectory(target)) {
          // Not what is above it: a run that is torn down meanwhile must not come back in part.
          Files.createDirectory(target);
        }
      }
    }
  }
}
