package io.ringrift.benchmarks;

import io.ringrift.benchmarks.swim.SwimBenchmark;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/// `ringrift bench …`
@Command(
    name = "bench",
    description = "Measurements on real node processes of this machine.",
    subcommands = {
      ElectionBenchmark.class,
      FailoverBenchmark.class,
      RestBenchmark.class,
      WritesBenchmark.class,
      QueueBenchmark.class,
      ReadsBenchmark.class,
      AllBenchmark.class,
      SwimBenchmark.class,
      SyncBenchmark.class,
      DiffBenchmark.class,
      StatusBenchmark.class,
      EventsBenchmark.class
    },
    mixinStandardHelpOptions = true)
public final class BenchMain {
  private BenchMain() {}

  /// Runs one benchmark and exits with its code.
  public static void main(String[] args) {
    System.exit(new CommandLine(new BenchMain()).execute(args));
  }
}
