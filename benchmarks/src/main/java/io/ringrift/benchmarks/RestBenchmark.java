package io.ringrift.benchmarks;

import io.ringrift.node.local.LocalCluster;
import io.ringrift.node.local.LocalSetup;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// A node at rest: time to its first answer, resident memory and processor share, beside the goals
/// of docs/OPERATING.md. Reads /proc.
@Command(
    name = "rest",
    description = "Start-up time, memory and processor share of nodes at rest.",
    mixinStandardHelpOptions = true)
final class RestBenchmark implements Callable<Integer> {
  private static final double GOAL_MIB = 200;
  private static final double GOAL_CPU_PERCENT = 1;
  private static final double GOAL_READY_SECONDS = 2;

  @Option(names = "--seconds", defaultValue = "60", description = "Measured time (default 60).")
  int seconds = 60;

  @Option(names = "--settle", defaultValue = "30", description = "Time before it (default 30).")
  int settle = 30;

  @Option(
      names = "--timing",
      defaultValue = "wan",
      description = "Preset: local, lan or wan (default wan, as a node has it).")
  String timing = "wan";

  @Spec CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() throws Exception {
    var out = spec.commandLine().getOut();
    var folder = Files.createTempDirectory("ringrift-bench-");
    try (var cluster =
        new LocalCluster(folder, LocalSetup.of(3, List.of(), 1).withTiming(timing))) {
      out.println("flags " + ManagementFactory.getRuntimeMXBean().getInputArguments());
      for (String node : cluster.nodes()) {
        long start = System.nanoTime();
        cluster.start(node);
        Asking.awaitAnswer(cluster, node);
        double took = (System.nanoTime() - start) / 1e9;
        report(out, node + " start to first answer, s", took, GOAL_READY_SECONDS);
      }
      LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(settle));
      long[] before =
          cluster.nodes().stream().mapToLong(n -> Processor.ticks(cluster.pid(n))).toArray();
      long start = System.nanoTime();
      LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(seconds));
      double elapsed = (System.nanoTime() - start) / 1e9;
      int i = 0;
      for (String node : cluster.nodes()) {
        double cpu = (Processor.ticks(cluster.pid(node)) - before[i++]) / elapsed;
        report(out, node + " processor, % of a core", cpu, GOAL_CPU_PERCENT);
        report(out, node + " resident, MiB", residentMib(cluster.pid(node)), GOAL_MIB);
      }
    }
    return 0;
  }

  private static void report(java.io.PrintWriter out, String what, double value, double goal) {
    out.printf(Locale.ROOT, "%s: %.2f (goal %.0f, ratio %.2f)%n", what, value, goal, value / goal);
    out.flush();
  }

  private static double residentMib(long pid) {
    return Processor.read(Path.of("/proc", Long.toString(pid), "status"))
        .lines()
        .filter(line -> line.startsWith("VmRSS:"))
        .mapToDouble(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) / 1024.0)
        .findFirst()
        .orElseThrow();
  }
}
