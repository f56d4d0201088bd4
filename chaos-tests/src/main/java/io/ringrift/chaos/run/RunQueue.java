package io.ringrift.chaos.run;

import io.ringrift.kernel.Pure;
import java.util.List;

/// How many threads want each processor of the machine, smoothed over ten seconds, as `/proc/stat`
/// tells it (proc(5)). Also in a container these are the threads and the processors of the whole
/// machine, so that each is set against the other. One thread.
@Pure
final class RunQueue {
  private static final double SMOOTHED_SECONDS = 10;
  private static final String RUNNING = "procs_running ";

  private double each;

  /// @param lines of `/proc/stat`
  /// @param seconds since the lines before
  /// @return threads that run or wait for it, of each processor; as before where the lines do not
  ///   tell
  double add(List<String> lines, double seconds) {
    long processors = lines.stream().filter(line -> line.matches("cpu\\d+ .*")).count();
    long running =
        lines.stream()
            .filter(line -> line.matches(RUNNING + "\\d{1,9}"))
            .mapToLong(line -> Long.parseLong(line.substring(RUNNING.length())))
            .sum();
    if (processors > 0) {
      double weight = 1 - Math.exp(-seconds / SMOOTHED_SECONDS);
      each += weight * ((double) running / processors - each);
    }
    return each;
  }
}
