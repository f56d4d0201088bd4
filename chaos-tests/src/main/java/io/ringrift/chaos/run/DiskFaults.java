package io.ringrift.chaos.run;

import io.ringrift.chaos.ground.Ground;
import io.ringrift.chaos.ground.Mounts;
import io.ringrift.chaos.ground.SlowDisk;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// What is done to state folders. One thread.
final class DiskFaults {
  private static final String BALLAST = "ballast";

  private final Ground ground;

  /// By node.
  private final Map<String, SlowDisk> slow = new HashMap<>();

  /// By node.
  private final Map<String, Ballast> full = new HashMap<>();

  DiskFaults(Ground ground) {
    this.ground = ground;
  }

  /// Each fsync takes that much longer from now on.
  String slow(List<String> nodes, Duration delay) throws IOException {
    for (String node : nodes) {
      slow.put(node, SlowDisk.of(ground.pid(node), delay));
    }
    return "each fsync of " + String.join(", ", nodes) + " takes " + delay.toMillis() + " ms more";
  }

  /// @return whether all were slow until now
  boolean fast(List<String> nodes) throws InterruptedException {
    boolean held = true;
    for (String node : nodes) {
      SlowDisk each = slow.remove(node);
      held &= each != null && each.end();
    }
    return held;
  }

  /// Writes until there is no room, and again as soon as there is.
  ///
  /// @throws IOException also when a state folder has no file system of its own; nothing is written
  ///   there then
  String fill(List<String> nodes) throws IOException {
    long written = 0;
    for (String node : nodes) {
      requireOwnDisk(node);
      var ballast = new Ballast(ground.stateFolder(node).resolve(BALLAST));
      full.put(node, ballast);
      written += ballast.written();
    }
    return written == 0 ? "" : written + " bytes written until there was no room";
  }

  private void requireOwnDisk(String node) throws IOException {
    Path state = ground.stateFolder(node);
    if (!Mounts.at(state)) {
      throw new IOException(
          "the disk of %s is not filled: %s is no file system of its own but on this machine's disk"
              .formatted(node, state));
    }
  }

  void free(List<String> nodes) throws IOException, InterruptedException {
    for (String node : nodes) {
      Ballast ballast = full.remove(node);
      if (ballast != null) {
        ballast.remove();
      }
    }
  }

  private Path copy(String node) {
    return ground.stateFolder(node).resolveSibling("state.older");
  }

  void keepCopies(List<String> nodes) throws IOException {
    for (String node : nodes) {
      // One of a fault before.
      if (Files.exists(copy(node))) {
        empty(copy(node));
      }
      copyTree(ground.stateFolder(node), copy(node));
    }
  }

  /// @return whose folder is another one than before; empty when one is not
  String restoreCopies(List<String> nodes) throws IOException {
    boolean older = true;
    for (String node : nodes) {
      older &= differ(copy(node), ground.stateFolder(node));
      empty(ground.stateFolder(node));
      copyTree(copy(node), ground.stateFolder(node));
    }
    return older ? "an older state folder of " + String.join(", ", nodes) : "";
  }

  /// @return whose folder is empty now and was not; empty when there is none such
  String wipe(List<String> nodes) throws IOException {
    var wiped = new ArrayList<String>();
    for (String node : nodes) {
      if (empty(ground.stateFolder(node)) > 0) {
        wiped.add(node);
      }
    }
    return wiped.isEmpty()
        ? ""
        : "the state folder of " + String.join(", ", wiped) + " was emptied";
  }

  /// Deletes what is in the folder, not the folder, which may be a mount.
  ///
  /// @return how much that was
  static int empty(Path folder) throws IOException {
    int deleted = 0;
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        if (!file.equals(folder) && Files.deleteIfExists(file)) {
          deleted++;
        }
      }
    }
    return deleted;
  }

  private static boolean differ(Path one, Path other) throws IOException {
    Set<Path> files = files(one);
    if (!files.equals(files(other))) {
      return true;
    }
    for (Path file : files) {
      if (Files.mismatch(one.resolve(file), other.resolve(file)) >= 0) {
        return true;
      }
    }
    return false;
  }

  private static Set<Path> files(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(Files::isRegularFile).map(folder::relativize).collect(Collectors.toSet());
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
