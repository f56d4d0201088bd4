package io.ringrift.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;

/// Processor time in seconds, as /proc counts it in hundredths: of the servers under load, of this
/// program, and of everything else on the machine.
record Processor(double servers, double self, double others) {
  private static final double TICKS_PER_SECOND = 100;

  /// Counted from the start of the machine and of each process.
  static Processor now(Collection<Long> servers) {
    double theirs = servers.stream().mapToLong(Processor::ticks).sum() / TICKS_PER_SECOND;
    double own = ticks(ProcessHandle.current().pid()) / TICKS_PER_SECOND;
    return new Processor(theirs, own, busyTicks() / TICKS_PER_SECOND - theirs - own);
  }

  Processor since(Processor before) {
    return new Processor(
        servers - before.servers, self - before.self, Math.max(0, others - before.others));
  }

  /// Fields 14 and 15 of /proc/PID/stat.
  static long ticks(long pid) {
    String stat = read(Path.of("/proc", Long.toString(pid), "stat"));
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
    return Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
  }

  /// The first line of /proc/stat: user, nice, system, idle, iowait, irq, softirq.
  private static long busyTicks() {
    String[] fields = read(Path.of("/proc/stat")).lines().findFirst().orElseThrow().split(" +", -1);
    return Long.parseLong(fields[1])
        + Long.parseLong(fields[2])
        + Long.parseLong(fields[3])
        + Long.parseLong(fields[6])
        + Long.parseLong(fields[7]);
  }

  static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new IllegalStateException("a process ended while it was measured", e);
    }
  }
}
