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
/// etcd's are on a majority of three; those of Redis and PostgreSQL on one disk.
@Command(
    name = "queue",
    description = "Claims and completions beside etcd, Redis and PostgreSQL.",
    mixinStandardHelpOptions = true)
final class QueueBenchmark implements Callable<Integer> {
  private static final int WARM_UP = 64;

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

  @Spec CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() throws Exception {
    var out = spec.commandLine().getOut();
    Lab.conditions(out);
    var figures = new Figures("claimed and completed", "workers");
    var ours = new ArrayList<String>();
    try (var lab = new Lab();
        var systems = new Systems(lab, out)) {
      var queues = new ArrayList<WorkQueue>();
      for (String mode : options.modes) {
        var cluster = systems.ringrift(mode);
        for (var queue : List.of(new RingriftStreams(cluster), new RingriftQueue(cluster))) {
          ours.add(queue.name());
          queues.add(queue);
        }
      }
      systems.etcd().ifPresent(etcd -> queues.add(new EtcdQueue(etcd)));
      systems.redis().ifPresent(queues::add);
      systems.postgres().ifPresent(queues::add);
      measure(out, queues, figures);
    }
    figures.print(out, ours, List.of("etcd", "Redis Streams", "PostgreSQL"));
    return 0;
  }

  private Rates run(WorkQueue queue, int size, Duration length) throws Exception {
    queue.fill(items);
    return WorkerLoop.run(queue, size, length);
  }

  private void measure(PrintWriter out, List<WorkQueue> queues, Figures figures) throws Exception {
    for (WorkQueue queue : queues) {
      Lab.say(out, "warming up " + queue.name());
      long end = System.nanoTime() + Duration.ofSeconds(options.warmUp).toNanos();
      while (System.nanoTime() - end < 0) {
        Duration left = Duration.ofNanos(Math.max(1, end - System.nanoTime()));
        SpoiledRun.repeat(out, () -> run(queue, WARM_UP, left));
      }
    }
    for (int round = 1; round <= options.rounds; round++) {
      for (int size : workers) {
        for (WorkQueue queue : queues) {
          Rates rates = SpoiledRun.repeat(out, () -> run(queue, size, options.measured()));
          figures.add(queue.name(), size, rates);
          Lab.say(
              out,
              String.format(
                  Locale.ROOT,
                  "round %d: %s, %d workers: %,.0f/s, p50 %.2f ms, p99 %.1f ms, none twice",
                  round,
                  queue.name(),
                  size,
                  rates.perSecond(),
                  rates.p50(),
                  rates.p99()));
        }
      }
    }
  }
}
