package io.ringrift.chaos.run;

import io.ringrift.chaos.ground.Ground;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;

/// Bits that flip in files of a node that does not run. Size and time of a file stay as they were:
/// so does a disk that goes bad, and a node must not find it by these. One thread.
final class Rot {
  /// Kept by Ratis below `raft`, whose folders are named after the division.
  private static final String RAFT_LOG = "raft/.+/log_.*";

  private static final String RAFT_SNAPSHOT = "raft/.+/sm/.*";

  /// While it is written there may be nothing in it yet, and no start reads it.
  private static final String UNFINISHED = ".partial";

  private static final int FLIPS = 8;
  private static final int PIECE = 64 << 10;

  private final Ground ground;
  private final SplittableRandom random;

  Rot(Ground ground, SplittableRandom random) {
    this.ground = ground;
    this.random = random;
  }

  /// Files of the state folder that are there now.
  ///
  /// @param word which, as scenarios call them
  List<Path> files(String node, String word) {
    Path state = ground.stateFolder(node);
    try (Stream<Path> files = Files.walk(state)) {
      return files
          .filter(file -> meant(word, state.relativize(file).toString()))
          .filter(Files::isRegularFile)
          .sorted()
          .toList();
    } catch (IOException | UncheckedIOException changing) {
      // A node that runs moves its files; whoever waits for them asks again.
      return List.of();
    }
  }

  private static boolean meant(String word, String path) {
    return switch (word) {
      case "raft-log" -> path.matches(RAFT_LOG);
      case "snapshots" ->
          (path.startsWith("snapshots/") || path.matches(RAFT_SNAPSHOT))
              && !path.endsWith(UNFINISHED);
      default -> path.equals(word) || (path.startsWith(word + "/") && !path.endsWith("LOCK"));
    };
  }

  /// Never twice in one byte, which could be as it was then.
  ///
  /// @return how many bytes were changed; none of a file in which nothing is written
  int flip(Path file) throws IOException {
    var time = Files.getLastModifiedTime(file);
    var flipped = new HashSet<Long>();
    try (var channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      long used = used(channel);
      var one = ByteBuffer.allocate(1);
      while (flipped.size() < Math.min(used, FLIPS)) {
        long at = random.nextLong(used);
        if (!flipped.add(at)) {
          continue;
        }
        one.clear();
        channel.read(one, at);
        one.put(0, (byte) (one.get(0) ^ (1 << random.nextInt(8))));
        one.rewind();
        channel.write(one, at);
      }
    }
    Files.setLastModifiedTime(file, time);
    return flipped.size();
  }

  /// Up to the last byte that is not zero: nobody misses a bit in room that was only reserved.
  private static long used(FileChannel channel) throws IOException {
    var piece = ByteBuffer.allocate(PIECE);
    for (long end = channel.size(); end > 0; end -= PIECE) {
      long from = Math.max(0, end - PIECE);
      piece.clear().limit((int) (end - from));
      while (piece.hasRemaining() && channel.read(piece, from + piece.position()) >= 0) {}
      for (int at = piece.position() - 1; at >= 0; at--) {
        if (piece.get(at) != 0) {
          return from + at + 1;
        }
      }
    }
    return 0;
  }

  /// As docs/OPERATING.md has it for a voter whose log of Raft is damaged.
  void moveRaftAside(List<String> nodes) throws IOException {
    for (String node : nodes) {
      Path state = ground.stateFolder(node);
      if (!Files.exists(state.resolve("raft"))) {
        continue;
      }
      Path aside = state.resolveSibling("raft.damaged");
      for (int i = 1; Files.exists(aside); i++) {
        aside = state.resolveSibling("raft.damaged." + i);
      }
      Files.move(state.resolve("raft"), aside);
    }
  }
}
