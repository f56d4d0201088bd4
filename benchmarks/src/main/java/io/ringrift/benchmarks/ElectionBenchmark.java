package io.ringrift.benchmarks;

import io.ringrift.node.local.LocalCluster;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// Start of the second of three voters, which makes the majority, to a leader that both know; new
/// folders in each round. Includes the start of that process.
@Command(
    name = "election",
    description = "Start of the second voter's process to a leader that both voters know.",
    mixinStandardHelpOptions = true)
final class ElectionBenchmark implements Callable<Integer> {
  private static final double GOAL_MILLIS = 3000;
  private static final List<String> MAJORITY = List.of("n1", "n2");

  @Option(names = "--rounds", defaultValue = "5", description = "Clusters (default 5).")
  int rounds = 5;

  @Spec CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() throws Exception {
    var out = spec.commandLine().getOut();
    var millis = new ArrayList<Long>();
    for (int round = 1; round <= rounds; round++) {
      var folder = Files.createTempDirectory("ringrift-bench-");
      try (var cluster = new LocalCluster(folder, 3, List.of(), 1)) {
        cluster.start("n1");
        Asking.awaitAnswer(cluster, "n1");
        long start = System.nanoTime();
        cluster.start("n2");
        awaitLeader(cluster);
        millis.add(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start));
        out.printf("round %d: %d ms%n", round, millis.getLast());
        out.flush();
      }
    }
    Collections.sort(millis);
    long median = millis.get(millis.size() / 2);
    out.printf(
        Locale.ROOT,
        "second voter's start to leader over %d rounds: min %d ms, median %d ms, max %d ms (goal"
            + " %.0f ms, max/goal %.2f)%n",
        rounds,
        millis.getFirst(),
        median,
        millis.getLast(),
        GOAL_MILLIS,
        millis.getLast() / GOAL_MILLIS);
    out.flush();
    return 0;
  }

  private static void awaitLeader(LocalCluster cluster) {
    while (true) {
      var leaders =
          MAJORITY.stream().map(n -> Asking.leaderAsSeenBy(cluster, n)).distinct().toList();
      if (leaders.size() == 1 && MAJORITY.contains(leaders.getFirst())) {
        return;
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
    }
  }
}
