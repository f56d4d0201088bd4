package io.ringrift.benchmarks;

import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// Workers that claim one item, then complete it, both durable at the acknowledgement. Ours and
/// etcd's are on a majority of three; those of Redis and PostgreSQL on one disk. Greater leases
/// have tables of their own, with the systems that can claim many items at once.
@Command(
    name = "queue",
    description = "Claims and completions beside etcd, Redis and PostgreSQL.",
    mixinStandardHelpOptions = true)
final class QueueBenchmark implements Callable<Integer> {
  private static final int WARM_UP = 64;
  private static final List<String> PEERS = List.of("etcd", "Redis Streams", "PostgreSQL");
  private static final int GOAL_WORKERS = 64;
  private static final double GOAL_SINGLE = 17_000;
  private static final double GOAL_P99 = 15;
  private static final double GOAL_LEASED = 90_000;

  @Mixin LoadOptions options = new LoadOptions();

  @Option(
      names = "--workers",
      split = ",",
      defaultValue = "16,64",
      description = "Workers at once (default 16,64).")
  List<Integer> workers = List.of(16, 64);

  @Option(
      names = "--items",
      defaultValue = "15000",
      description = "Items that wait at the start of each run, 200 bytes each (default 15000).")
  int items = 15_000;

  @Option(
      names = "--leases",
      split = ",",
      defaultValue = "1,32",
      description = "Items that a worker claims at once, a table each (default 1,32).")
  List<Integer> leases = List.of(1, 32);

  @Spec CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() throws Exception {
    var out = spec.commandLine().getOut();
    Lab.conditions(out);
    try (var lab = new Lab();
        var systems = new Systems(lab, out)) {
      var streams = new ArrayList<WorkQueue>();
      var plain = new ArrayList<WorkQueue>();
      for (String mode : options.modes) {
        var cluster = systems.ringrift(mode);
        streams.add(new RingriftStreams(cluster));
        plain.add(new RingriftQueue(cluster));
      }
      systems.etcd().ifPresent(etcd -> plain.add(new EtcdQueue(etcd)));
      var peers = new ArrayList<WorkQueue>();
      systems.redis().ifPresent(peers::add);
      systems.postgres().ifPresent(peers::add);
      for (int lease : leases) {
        var queues = new ArrayList<>(streams);
        if (lease == 1) {
          queues.addAll(plain);
        }
        queues.addAll(peers);
        compare(out, queues, lease);
      }
    }
    return 0;
  }

  private void compare(PrintWriter out, List<WorkQueue> queues, int lease) throws Exception {
    String leased = lease == 1 ? "" : ", leases of " + lease;
    var figures = new Figures("claimed and completed" + leased, "workers");
    measure(out, queues, lease, figures);
    var ours = queues.stream().map(WorkQueue::name).filter(RingriftCluster::isOurs).toList();
    figures.print(out, ours, PEERS);
    var goals = new Goals();
    for (String own : ours) {
      var rates = figures.median(own, GOAL_WORKERS);
      if (rates.isPresent() && lease == 1) {
        goals.atLeast("4a items/s", own, rates.get().perSecond(), GOAL_SINGLE);
        goals.atMost("4a p99 ms", own, rates.get().p99(), GOAL_P99);
      } else if (rates.isPresent()) {
        goals.atLeast("4b items/s", own, rates.get().perSecond(), GOAL_LEASED);
      }
    }
    goals.print(out);
  }

  private Rates run(WorkQueue queue, int size, int lease, Duration length) throws Exception {
    queue.fill(items);
    return WorkerLoop.run(queue, size, lease, length);
  }

  private void measure(PrintWriter out, List<WorkQueue> queues, int lease, Figures figures)
      throws Exception {
    for (WorkQueue queue : queues) {
      Lab.say(out, "warming up " + queue.name());
      long end = System.nanoTime() + Duration.ofSeconds(options.warmUp).toNanos();
      while (System.nanoTime() - end < 0) {
        Duration left = Duration.ofNanos(Math.max(1, end - System.nanoTime()));
        SpoiledRun.repeat(out, () -> run(queue, WARM_UP, lease, left));
      }
    }
    for (int round = 1; round <= options.rounds; round++) {
      for (int size : workers) {
        for (WorkQueue queue : queues) {
          Rates rates = SpoiledRun.repeat(out, () -> run(queue, size, lease, options.measured()));
          figures.add(queue.name(), size, rates);
          Lab.say(
              out,
              String.format(
                  Locale.ROOT,
                  "round %d: %s, %d workers, leases of %d: %,.0f/s, p50 %.2f ms, p99 %.1f ms, none"
                      + " twice",
                  round,
                  queue.name(),
                  size,
                  lease,
                  rates.perSecond(),
                  rates.p50(),
                  rates.p99()));
        }
      }
    }
  }
}
