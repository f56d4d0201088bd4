package io.ringrift.benchmarks;

import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// kill -9 of the leader to the first acknowledged write at the new one, ours and etcd's in turn.
/// Ours is bounded from below by the lease for a leader that vanishes without a word.
@Command(
    name = "failover",
    description = "kill -9 of the leader to the first acknowledged write, beside etcd's.",
    mixinStandardHelpOptions = true)
final class FailoverBenchmark implements Callable<Integer> {
  private static final String DEFAULT = "etcd, default timing";
  private static final String TUNED = "etcd, heartbeat 20 ms, election 200 ms";

  @Option(names = "--rounds", defaultValue = "10", description = "Kills (default 10).")
  int rounds = 10;

  @Option(names = "--nodes", defaultValue = "3", description = "Voters of ours (default 3).")
  int nodes = 3;

  @Option(
      names = "--modes",
      split = ",",
      defaultValue = "bully,raft",
      description = "Our modes of consensus (default bully,raft).")
  List<String> modes = List.of("bully", "raft");

  @Option(
      names = "--timings",
      split = ",",
      defaultValue = "local",
      description = "Our presets of timing: local, lan or wan (default local).")
  List<String> timings = List.of("local");

  @Spec CommandSpec spec = CommandSpec.create();

  private final Map<String, List<Long>> millis = new LinkedHashMap<>();

  /// One system whose leader is killed again and again.
  private interface Victim {
    /// Waits for a whole cluster, kills its leader, and tells how many nanoseconds later a write
    /// was acknowledged.
    long kill() throws Exception;
  }

  @Override
  public Integer call() throws Exception {
    var out = spec.commandLine().getOut();
    Lab.conditions(out);
    var victims = new LinkedHashMap<String, Victim>();
    var ours = new ArrayList<String>();
    try (var lab = new Lab();
        var systems = new Systems(lab, out)) {
      for (String mode : modes) {
        for (String timing : timings) {
          var cluster = systems.ringrift(nodes, mode, "--timing", timing);
          ours.add(cluster.name() + ", timing " + timing);
          victims.put(ours.getLast(), () -> kill(cluster));
        }
      }
      systems.etcd().ifPresent(etcd -> victims.put(DEFAULT, () -> kill(etcd)));
      systems
          .etcd(Duration.ofMillis(20), Duration.ofMillis(200))
          .ifPresent(etcd -> victims.put(TUNED, () -> kill(etcd)));
      for (int round = 1; round <= rounds; round++) {
        for (var victim : victims.entrySet()) {
          long took = TimeUnit.NANOSECONDS.toMillis(victim.getValue().kill());
          millis.computeIfAbsent(victim.getKey(), _ -> new ArrayList<>()).add(took);
          Lab.say(out, "round " + round + ": " + victim.getKey() + ", " + took + " ms");
        }
      }
    }
    print(out, ours);
    return 0;
  }

  private static long kill(RingriftCluster cluster) throws Exception {
    String leader = cluster.awaitLeader();
    long start = System.nanoTime();
    cluster.kill(leader);
    cluster.awaitWrite();
    long took = System.nanoTime() - start;
    cluster.restart(leader);
    return took;
  }

  private static long kill(EtcdCluster etcd) throws Exception {
    int leader = etcd.awaitLeader();
    long start = System.nanoTime();
    etcd.kill(leader);
    etcd.awaitWriteBeside(leader);
    long took = System.nanoTime() - start;
    etcd.restart(leader);
    return took;
  }

  private void print(PrintWriter out, List<String> ours) {
    out.printf("%n| failover | rounds | ms: min / median / max |%n|---|---|---|%n");
    millis.forEach(
        (system, all) -> {
          var sorted = all.stream().sorted().toList();
          out.printf(
              Locale.ROOT,
              "| %s | %d | %d / **%d** / %d |%n",
              system,
              sorted.size(),
              sorted.getFirst(),
              median(system),
              sorted.getLast());
        });
    out.printf("%n| ratio of medians, below 1 is faster | |%n|---|---|%n");
    for (String own : ours) {
      for (String peer : List.of(DEFAULT, TUNED)) {
        if (millis.containsKey(peer)) {
          double ratio = (double) median(own) / median(peer);
          out.printf(Locale.ROOT, "| %s : %s | %.2f |%n", own, peer, ratio);
        }
      }
    }
    out.flush();
  }

  private long median(String system) {
    var sorted = millis.getOrDefault(system, List.of()).stream().sorted().toList();
    return sorted.get(sorted.size() / 2);
  }
}
