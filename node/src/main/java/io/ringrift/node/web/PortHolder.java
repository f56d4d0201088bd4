package io.ringrift.node.web;

import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/// Says which process holds a port, as far as /proc tells.
public final class PortHolder {
  private static final String LISTENING = "0A";

  private PortHolder() {}

  /// Refuses before anything is opened when the port cannot be had.
  ///
  /// @throws Refusal INVALID_ARGUMENT naming the port and, where it can be found, its holder
  public static void requireFree(String host, int port) {
    try {
      probe(host, port);
    } catch (IOException e) {
      throw refusal(host, port, e);
    }
  }

  /// Why a port cannot be had at this moment; empty when it can.
  ///
  /// @param another what to choose in its place, for people
  public static Optional<String> obstacle(String host, int port, String another) {
    try {
      probe(host, port);
      return Optional.empty();
    } catch (IOException e) {
      return Optional.of(text(host, port, e, another));
    }
  }

  private static void probe(String host, int port) throws IOException {
    try (var probe = new ServerSocket()) {
      probe.setReuseAddress(true);
      probe.bind(new InetSocketAddress(host, port));
    }
  }

  static Refusal refusal(String host, int port, Throwable cause) {
    return new Refusal(
            Reason.INVALID_ARGUMENT, text(host, port, cause, "another port with --port"), cause)
        .with("field", "port")
        .with("value", Integer.toString(port));
  }

  private static String text(String host, int port, Throwable cause, String another) {
    return "cannot listen on "
        + host
        + ":"
        + port
        + " ("
        + cause.getMessage()
        + ")"
        + find(port).map(holder -> "; it is held by " + holder).orElse("")
        + "; end that process or choose "
        + another;
  }

  /// Pid and command of the process that listens on the port.
  static Optional<String> find(int port) {
    Set<String> inodes = new HashSet<>();
    inodes.addAll(inodes(Path.of("/proc/net/tcp"), port));
    inodes.addAll(inodes(Path.of("/proc/net/tcp6"), port));
    if (inodes.isEmpty()) {
      return Optional.empty();
    }
    return ProcessHandle.allProcesses()
        .filter(process -> holds(process.pid(), inodes))
        .findFirst()
        .map(
            process ->
                "process "
                    + process.pid()
                    + process.info().command().map(c -> " (" + c + ")").orElse(""));
  }

  private static Set<String> inodes(Path table, int port) {
    String suffix = String.format(Locale.ROOT, ":%04X", port);
    Set<String> inodes = new HashSet<>();
    try {
      for (String line : Files.readAllLines(table)) {
        var columns = List.of(line.strip().split("\\s+", -1));
        if (columns.size() > 9
            && columns.get(1).endsWith(suffix)
            && columns.get(3).equals(LISTENING)) {
          inodes.add("socket:[" + columns.get(9) + "]");
        }
      }
    } catch (IOException e) {
      return inodes; // no /proc here: the message goes without the holder
    }
    return inodes;
  }

  private static boolean holds(long pid, Set<String> inodes) {
    try (var files = Files.newDirectoryStream(Path.of("/proc", Long.toString(pid), "fd"))) {
      for (Path file : files) {
        if (Files.isSymbolicLink(file)
            && inodes.contains(Files.readSymbolicLink(file).toString())) {
          return true;
        }
      }
    } catch (IOException | java.nio.file.DirectoryIteratorException e) {
      return false; // another user's process, or it has just ended
    }
    return false;
  }
}
