package io.ringrift.benchmarks;

import java.time.Duration;
import java.util.List;
import picocli.CommandLine.Option;

/// What the loads have in common.
final class LoadOptions {
  @Option(names = "--rounds", defaultValue = "3", description = "Alternating runs (default 3).")
  int rounds = 3;

  @Option(
      names = "--seconds",
      defaultValue = "3",
      description = "Measured time of each run (default 3).")
  int seconds = 3;

  @Option(
      names = "--warm-up",
      defaultValue = "60",
      description = "Seconds of load on each system before the first run (default 60).")
  int warmUp = 60;

  @Option(
      names = "--modes",
      split = ",",
      defaultValue = "bully,raft",
      description = "Our modes of consensus (default bully,raft).")
  List<String> modes = List.of("bully", "raft");

  /// Right before each run, unmeasured.
  Duration settle() {
    return Duration.ofMillis(500);
  }

  Duration measured() {
    return Duration.ofSeconds(seconds);
  }
}
