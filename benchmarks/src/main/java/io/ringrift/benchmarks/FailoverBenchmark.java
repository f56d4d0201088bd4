package io.ringrift.benchmarks;

import io.ringrift.kernel.Timing;
import io.ringrift.node.client.ClusterClient;
import io.ringrift.node.local.LocalCluster;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// kill -9 of the leader to the first acknowledged write at the new one, beside the length of the
/// lease, which bounds it from below for a leader that vanishes without a word.
@Command(
    name = "failover",
    description = "kill -9 of the leader to the first acknowledged write at the new one.",
    mixinStandardHelpOptions = true)
final class FailoverBenchmark implements Callable<Integer> {
  @Option(names = "--rounds", defaultValue = "10", description = "Kills (default 10).")
  int rounds = 10;

  @Option(names = "--nodes", defaultValue = "3", description = "Voters (default 3).")
  int nodes = 3;

  @Spec CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() throws Exception {
    var out = spec.commandLine().getOut();
    var folder = Files.createTempDirectory("ringrift-bench-");
    var millis = new ArrayList<Long>();
    try (var cluster = new LocalCluster(folder, nodes, List.of(), 1);
        var client =
            new ClusterClient(cluster.addresses(), Optional.empty(), Duration.ofSeconds(1))) {
      for (String node : cluster.nodes()) {
        cluster.start(node);
      }
      for (int round = 1; round <= rounds; round++) {
        String leader = awaitWholeCluster(cluster, client);
        long start = System.nanoTime();
        cluster.kill(leader);
        Asking.awaitWrite(client);
        millis.add(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start));
        out.printf("round %d: %s killed, %d ms%n", round, leader, millis.getLast());
        out.flush();
        cluster.start(leader);
      }
    }
    Collections.sort(millis);
    long lease = Timing.local().lease().toMillis();
    long median = millis.get(millis.size() / 2);
    out.printf(
        Locale.ROOT,
        "failover over %d rounds: min %d ms, median %d ms, max %d ms; lease %d ms; median/lease"
            + " %.2f%n",
        rounds,
        millis.getFirst(),
        median,
        millis.getLast(),
        lease,
        (double) median / lease);
    out.flush();
    return 0;
  }

  /// Every node answers and knows the same leader, and a write is acknowledged: a node that still
  /// starts would be measured with the failover.
  private String awaitWholeCluster(LocalCluster cluster, ClusterClient client) {
    while (true) {
      Asking.awaitWrite(client);
      Set<String> leaders = new HashSet<>();
      for (String node : cluster.nodes()) {
        leaders.add(Asking.leaderAsSeenBy(cluster, node));
      }
      String leader = leaders.iterator().next();
      if (leaders.size() == 1 && cluster.nodes().contains(leader)) {
        return leader;
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
    }
  }
}
