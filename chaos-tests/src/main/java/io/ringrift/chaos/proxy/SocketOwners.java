package io.ringrift.chaos.proxy;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/// Which of our processes opened a connection, from the kernel's tables under `/proc` (Linux):
/// nodes on loopback all come from one address, and only the port tells them apart. Any thread.
final class SocketOwners {
  private static final Path PROC = Path.of("/proc");

  private final Supplier<Map<Long, String>> processes;

  /// @param processes name of the node by process id, as it is now
  SocketOwners(Supplier<Map<Long, String>> processes) {
    this.processes = processes;
  }

  /// Why this machine does not allow it; empty when it does.
  static Optional<String> obstacle() {
    return Files.isReadable(PROC.resolve("net/tcp"))
        ? Optional.empty()
        : Optional.of("the links are told apart by /proc/net/tcp, which only Linux has");
  }

  /// The node whose end of a connection to a port of ours has this port; empty for any other
  /// program.
  Optional<String> of(int remotePort, int ownPort) throws IOException {
    Optional<String> inode = inode("net/tcp", remotePort, ownPort);
    if (inode.isEmpty()) {
      inode = inode("net/tcp6", remotePort, ownPort);
    }
    if (inode.isEmpty()) {
      return Optional.empty();
    }
    String socket = "socket:[" + inode.get() + "]";
    for (var process : processes.get().entrySet()) {
      if (holds(process.getKey(), socket)) {
        return Optional.of(process.getValue());
      }
    }
    return Optional.empty();
  }

  private static Optional<String> inode(String table, int local, int remote) throws IOException {
    String from = ":%04X".formatted(local);
    String to = ":%04X".formatted(remote);
    Path file = PROC.resolve(table);
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    for (String line : Files.readAllLines(file)) {
      // The table has thousands of closed connections; few lines are worth taking apart.
      if (!line.contains(from) || !line.contains(to)) {
        continue;
      }
      String[] words = line.strip().split("\\s+", -1);
      if (words.length > 9 && words[1].endsWith(from) && words[2].endsWith(to)) {
        return Optional.of(words[9]);
      }
    }
    return Optional.empty();
  }

  /// Empty when it was closed meanwhile.
  private static String target(Path descriptor) {
    try {
      return Files.readSymbolicLink(descriptor).toString();
    } catch (IOException closed) {
      return "";
    }
  }

  private static boolean holds(long process, String socket) {
    Path folder = PROC.resolve(Long.toString(process)).resolve("fd");
    try (DirectoryStream<Path> open = Files.newDirectoryStream(folder)) {
      for (Path each : open) {
        if (target(each).equals(socket)) {
          return true;
        }
      }
    } catch (IOException | java.nio.file.DirectoryIteratorException ended) {
      return false;
    }
    return false;
  }
}
