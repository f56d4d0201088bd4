package io.ringrift.benchmarks.swim;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/// A network namespace that only measured processes are in, so that its counters are theirs. Where
/// none can be made, they share the machine's own, and packets are counted with those of others.
final class Lane implements AutoCloseable {
  private final Optional<String> space;

  private Lane(Optional<String> space) {
    this.space = space;
  }

  static Lane open() throws InterruptedException {
    String space = "rrbench" + ProcessHandle.current().pid();
    boolean made =
        succeeds("ip", "netns", "add", space)
            && succeeds("ip", "netns", "exec", space, "ip", "link", "set", "lo", "up");
    return new Lane(made ? Optional.of(space) : Optional.empty());
  }

  boolean isOwn() {
    return space.isPresent();
  }

  List<String> inside(List<String> command) {
    var whole = new ArrayList<String>();
    space.ifPresent(name -> whole.addAll(List.of("ip", "netns", "exec", name)));
    whole.addAll(command);
    return whole;
  }

  /// Datagrams and segments sent so far, as seen by that process.
  static long packets(long pid) throws IOException {
    return counter(pid, "Udp:", "OutDatagrams") + counter(pid, "Tcp:", "OutSegs");
  }

  /// Processor time in hundredths of a second: fields 14 and 15 of /proc/PID/stat.
  static long ticks(Collection<Long> pids) throws IOException {
    long sum = 0;
    for (long pid : pids) {
      String stat = read(pid, "stat");
      String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
      sum += Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
    }
    return sum;
  }

  static double residentMib(Collection<Long> pids) throws IOException {
    double sum = 0;
    for (long pid : pids) {
      sum +=
          read(pid, "status")
              .lines()
              .filter(line -> line.startsWith("VmRSS:"))
              .mapToDouble(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) / 1024.0)
              .sum();
    }
    return sum;
  }

  private static long counter(long pid, String protocol, String name) throws IOException {
    List<String[]> lines =
        read(pid, "net/snmp")
            .lines()
            .filter(line -> line.startsWith(protocol))
            .map(line -> line.split(" ", -1))
            .toList();
    int column = List.of(lines.getFirst()).indexOf(name);
    return Long.parseLong(lines.getLast()[column]);
  }

  private static String read(long pid, String file) throws IOException {
    return Files.readString(Path.of("/proc", Long.toString(pid), file));
  }

  private static boolean succeeds(String... command) throws InterruptedException {
    try {
      return new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start()
              .waitFor()
          == 0;
    } catch (IOException missing) {
      return false;
    }
  }

  @Override
  public void close() {
    try {
      if (space.isPresent()) {
        succeeds("ip", "netns", "delete", space.get());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
