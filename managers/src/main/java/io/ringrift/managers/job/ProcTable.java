package io.ringrift.managers.job;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The kernel's table of processes (proc(5)). Where there is no /proc, nothing is found.
final class ProcTable {
  private static final Path PROC = Path.of("/proc");

  /// Clock ticks a second of `starttime`; fixed for user space on Linux (USER_HZ).
  private static final int TICKS = 100;

  private ProcTable() {}

  /// A process as /proc/PID/stat shows it.
  ///
  /// @param startTicks start after the machine's boot, in ticks
  record Stat(long pid, char state, long session, long startTicks) {
    boolean alive() {
      return state != 'Z' && state != 'X';
    }
  }

  /// Who a process is: a pid alone is used again.
  record Identity(String bootId, long pid, long session, long startTicks) {
    /// Reads what run.sh noted: boot id, then the stat line.
    static Optional<Identity> parse(List<String> lines) {
      if (lines.size() < 2) {
        return Optional.empty();
      }
      return ProcTable.parse(lines.get(1))
          .map(s -> new Identity(lines.get(0), s.pid(), s.session(), s.startTicks()));
    }

    /// Whether this very process is alive.
    boolean alive() {
      return bootId.equals(ProcTable.bootId())
          && stat(pid).filter(s -> s.alive() && s.startTicks() == startTicks).isPresent();
    }
  }

  /// Reads a stat line; the name in brackets may hold anything, brackets too.
  static Optional<Stat> parse(String line) {
    int open = line.indexOf(" (");
    int close = line.lastIndexOf(')');
    if (open <= 0 || close < open) {
      return Optional.empty();
    }
    String[] rest = line.substring(close + 1).trim().split(" ", -1);
    if (rest.length < 20) {
      return Optional.empty();
    }
    try {
      return Optional.of(
          new Stat(
              Long.parseLong(line.substring(0, open)),
              rest[0].charAt(0),
              Long.parseLong(rest[3]),
              Long.parseLong(rest[19])));
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }

  static Optional<Stat> stat(long pid) {
    try {
      return parse(Files.readString(PROC.resolve(Long.toString(pid)).resolve("stat")).strip());
    } catch (IOException e) {
      // Gone between two looks, or no /proc: not there.
      return Optional.empty();
    }
  }

  /// Environment at its start, each entry ended by NUL; empty when it may not be read.
  static String environment(long pid) {
    try {
      return new String(
          Files.readAllBytes(PROC.resolve(Long.toString(pid)).resolve("environ")),
          StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      return "";
    }
  }

  /// Live processes of a session.
  static List<Stat> session(long session) {
    var found = new ArrayList<Stat>();
    try (var folders = Files.newDirectoryStream(PROC, "[0-9]*")) {
      for (Path folder : folders) {
        stat(Long.parseLong(folder.getFileName().toString()))
            .filter(s -> s.session() == session && s.alive())
            .ifPresent(found::add);
      }
    } catch (IOException | DirectoryIteratorException | NumberFormatException e) {
      return found;
    }
    return found;
  }

  /// Name of this boot of the machine; empty where there is none.
  static String bootId() {
    try {
      return Files.readString(PROC.resolve("sys/kernel/random/boot_id")).strip();
    } catch (IOException e) {
      return "";
    }
  }

  /// How long ago a process began.
  static Duration age(Identity identity) {
    try {
      String uptime = Files.readString(PROC.resolve("uptime")).split(" ", 2)[0];
      double seconds = Double.parseDouble(uptime) - (double) identity.startTicks() / TICKS;
      return Duration.ofMillis((long) Math.max(0, seconds * 1000));
    } catch (IOException | NumberFormatException e) {
      return Duration.ZERO;
    }
  }
}
