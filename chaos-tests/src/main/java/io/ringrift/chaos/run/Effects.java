package io.ringrift.chaos.run;

import io.ringrift.chaos.evidence.Effect;
import io.ringrift.chaos.evidence.EvidenceRecorder;
import io.ringrift.chaos.history.RunClock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/// What jobs wrote into a file that the cluster does not own: one line at each start and each end.
/// They tell the time by the system's uptime, which runs evenly with the run's clock.
final class Effects {
  private static final Path UPTIME = Path.of("/proc/uptime");

  private final Path file;
  private final long offset;

  Effects(Path file, RunClock clock) throws IOException {
    this.file = file;
    this.offset = Files.exists(UPTIME) ? clock.nanos() - nanos(Files.readString(UPTIME)) : 0;
  }

  Path file() {
    return file;
  }

  private static long nanos(String uptime) {
    return (long) (Double.parseDouble(uptime.strip().split(" ", -1)[0]) * 1e9);
  }

  private List<String> lines() throws IOException {
    return Files.exists(file) ? Files.readAllLines(file) : List.of();
  }

  long started() throws IOException {
    return lines().stream().filter(line -> line.endsWith(" start")).count();
  }

  long ended() throws IOException {
    return lines().stream().filter(line -> line.endsWith(" end")).count();
  }

  /// Those that left a line.
  Set<String> jobs() throws IOException {
    return lines().stream()
        .map(line -> line.split(" ", -1))
        .filter(words -> words.length == 6)
        .map(words -> words[2])
        .collect(Collectors.toSet());
  }

  void record(EvidenceRecorder recorder) throws IOException {
    for (String line : lines()) {
      try {
        recorder.effect(effect(line.split(" ", -1)));
      } catch (IllegalArgumentException damaged) {
        recorder.note("a line of the effects' file is damaged: " + line);
      }
    }
  }

  /// @throws IllegalArgumentException for words that are not those of an effect
  private Effect effect(String[] words) {
    if (words.length != 6) {
      throw new IllegalArgumentException("an effect has 6 words");
    }
    boolean start = words[5].equals("start");
    return new Effect(
        nanos(words[0]) + offset,
        words[1],
        words[2],
        Long.parseLong(words[3]),
        // Its end comes when it comes; the order was the start.
        start ? Long.parseUnsignedLong(words[4]) : 0,
        words[5]);
  }
}
