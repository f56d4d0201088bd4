package io.ringrift.benchmarks;

import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
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

/// Loss of the leader to the first acknowledged write at the new one, ours and etcd's in turn: by
/// kill -9, or by SIGSTOP, as if its host had fallen silent, until a write is acknowledged. Ours is
/// bounded from below by the lease for a leader that vanishes without a word.
@Command(
    name = "failover",
    description = "Loss of the leader to the first acknowledged write, beside etcd's.",
    mixinStandardHelpOptions = true)
final class FailoverBenchmark implements Callable<Integer> {
  private static final String DEFAULT = "etcd, default timing";

  /// That of a node whose configuration names none.
  private static final String DEFAULT_TIMING = "wan";

  private static final String TUNED = "etcd, heartbeat 20 ms, election 200 ms";

  @Option(
      names = "--rounds",
      defaultValue = "10",
      description = "Losses of each kind (default 10).")
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

  @Option(
      names = "--losses",
      split = ",",
      defaultValue = "KILLED,SILENT",
      description = "${COMPLETION-CANDIDATES}: kill -9, SIGSTOP (default both).")
  List<Loss> losses = List.of(Loss.KILLED, Loss.SILENT);

  @Spec CommandSpec spec = CommandSpec.create();

  private final Map<Loss, Map<String, List<Long>>> millis = new EnumMap<>(Loss.class);

  /// How the leader is lost.
  enum Loss {
    KILLED,
    SILENT
  }

  /// One system that loses its leader again and again.
  private interface Victim {
    /// Waits for a whole cluster, takes its leader, and tells how many nanoseconds later a write
    /// was acknowledged.
    long lose(Loss loss) throws Exception;
  }

  @Override
  public Integer call() throws Exception {
    var out = spec.commandLine().getOut();
    Lab.conditions(out);
    var victims = new LinkedHashMap<String, Victim>();
    var ours = new LinkedHashMap<String, String>();
    try (var lab = new Lab();
        var systems = new Systems(lab, out)) {
      for (String mode : modes) {
        for (String timing : timings) {
          var cluster = systems.ringrift(nodes, mode, "--timing", timing);
          String own = cluster.name() + ", timing " + timing;
          ours.put(own, timing);
          victims.put(own, loss -> lose(cluster, loss));
        }
      }
      systems.etcd().ifPresent(etcd -> victims.put(DEFAULT, loss -> lose(etcd, loss)));
      systems
          .etcd(Duration.ofMillis(20), Duration.ofMillis(200))
          .ifPresent(etcd -> victims.put(TUNED, loss -> lose(etcd, loss)));
      for (int round = 1; round <= rounds; round++) {
        for (Loss loss : losses) {
          for (var victim : victims.entrySet()) {
            long took = TimeUnit.NANOSECONDS.toMillis(victim.getValue().lose(loss));
            timesOf(loss).computeIfAbsent(victim.getKey(), _ -> new ArrayList<>()).add(took);
            Lab.say(
                out, "round " + round + ": " + loss + ", " + victim.getKey() + ", " + took + " ms");
          }
        }
      }
    }
    losses.forEach(loss -> print(out, loss, ours));
    return 0;
  }

  private Map<String, List<Long>> timesOf(Loss loss) {
    return millis.computeIfAbsent(loss, _ -> new LinkedHashMap<>());
  }

  private static long lose(RingriftCluster cluster, Loss loss) throws Exception {
    String leader = cluster.awaitLeader();
    long start = System.nanoTime();
    switch (loss) {
      case KILLED -> {
        cluster.kill(leader);
        cluster.awaitWrite();
      }
      case SILENT -> {
        try (var _ = Silence.of(cluster.pid(leader))) {
          cluster.awaitWriteBeside(leader);
          return System.nanoTime() - start;
        }
      }
    }
    long took = System.nanoTime() - start;
    cluster.restart(leader);
    return took;
  }

  private static long lose(EtcdCluster etcd, Loss loss) throws Exception {
    int leader = etcd.awaitLeader();
    long start = System.nanoTime();
    switch (loss) {
      case KILLED -> {
        etcd.kill(leader);
        etcd.awaitWriteBeside(leader);
      }
      case SILENT -> {
        try (var _ = Silence.of(etcd.pids().get(leader))) {
          etcd.awaitWriteBeside(leader);
          return System.nanoTime() - start;
        }
      }
    }
    long took = System.nanoTime() - start;
    etcd.restart(leader);
    return took;
  }

  /// @param ours timing by name
  private void print(PrintWriter out, Loss loss, Map<String, String> ours) {
    out.printf(
        "%n| failover, leader %s | rounds | ms: min / median / max |%n|---|---|---|%n",
        loss.name().toLowerCase(Locale.ROOT));
    var times = timesOf(loss);
    times.forEach(
        (system, all) -> {
          var sorted = all.stream().sorted().toList();
          out.printf(
              Locale.ROOT,
              "| %s | %d | %d / **%d** / %d |%n",
              system,
              sorted.size(),
              sorted.getFirst(),
              median(sorted),
              sorted.getLast());
        });
    out.printf("%n| ratio of medians, below 1 is faster | |%n|---|---|%n");
    var goals = new Goals();
    for (String own : ours.keySet()) {
      for (String peer : List.of(DEFAULT, TUNED)) {
        if (times.containsKey(peer)) {
          double ratio = (double) median(sorted(times, own)) / median(sorted(times, peer));
          out.printf(Locale.ROOT, "| %s : %s | %.2f |%n", own, peer, ratio);
        }
      }
    }
    ours.forEach((own, timing) -> judge(goals, loss, own, timing, sorted(times, own)));
    goals.print(out);
    out.flush();
  }

  private static void judge(Goals goals, Loss loss, String own, String timing, List<Long> sorted) {
    String meant =
        timing.equals(DEFAULT_TIMING)
            ? ""
            : " (with timing " + timing + "; the goal is for the default)";
    switch (loss) {
      case KILLED ->
          goals
              .atMost("3a median ms" + meant, own, (double) median(sorted), 80)
              .atMost("3a most ms" + meant, own, sorted.getLast(), 300);
      case SILENT -> goals.atMost("3b most ms" + meant, own, sorted.getLast(), 500);
    }
  }

  private static List<Long> sorted(Map<String, List<Long>> times, String system) {
    return times.getOrDefault(system, List.of()).stream().sorted().toList();
  }

  private static long median(List<Long> sorted) {
    return sorted.get(sorted.size() / 2);
  }
}
