package io.ringrift.benchmarks;

import io.ringrift.state.v1.Command;
import io.ringrift.state.v1.RecordEvent;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// What is alive on the heaps of three nodes while events are recorded: measured by a full
/// collection of each node's heap after every tenth of them. Flat means that the last third's
/// median is at most a tenth above the first third's.
@picocli.CommandLine.Command(
    name = "events",
    description = "Live heap of the nodes over a million events.",
    mixinStandardHelpOptions = true)
final class EventsBenchmark implements Callable<Integer> {
  private static final int MOST_VAIN = 20;
  private static final int OUTSTANDING = 256;
  private static final int SAMPLES = 12;
  private static final double MOST_GROWTH = 1.10;

  @Option(names = "--events", defaultValue = "1000000", description = "Default 1000000.")
  int events = 1_000_000;

  @Option(names = "--mode", defaultValue = "bully", description = "bully (default) or raft.")
  String mode = "bully";

  @Spec CommandSpec spec = CommandSpec.create();

  private final AtomicLong failures = new AtomicLong();

  @Override
  public Integer call() throws Exception {
    var out = spec.commandLine().getOut();
    Lab.conditions(out);
    var heaps = new LinkedHashMap<Long, List<Double>>();
    try (var lab = new Lab();
        var systems = new Systems(lab, out)) {
      var cluster = systems.ringrift(mode);
      int each = events / SAMPLES;
      for (int sample = 1; sample <= SAMPLES; sample++) {
        long start = System.nanoTime();
        record(cluster, each);
        double seconds = (System.nanoTime() - start) / 1e9;
        var line = new StringBuilder();
        for (long pid : cluster.pids()) {
          double mib = LiveHeap.mib(pid);
          heaps.computeIfAbsent(pid, _ -> new ArrayList<>()).add(mib);
          line.append(String.format(Locale.ROOT, " %.1f", mib));
        }
        Lab.say(
            out,
            String.format(
                Locale.ROOT,
                "%,d events (%,.0f/s), live MiB of the nodes:%s",
                (long) sample * each,
                each / seconds,
                line));
      }
    }
    out.printf("failed writes: %d%n", failures.get());
    return report(out, heaps) ? 0 : 1;
  }

  /// Records so many, with whoever leads.
  private void record(RingriftCluster cluster, int count) throws InterruptedException {
    int vain = 0;
    for (long left = count; left > 0; ) {
      long done = attempt(new GatheredWrites(cluster.leader()), left);
      left -= done;
      vain = done > 0 ? 0 : vain + 1;
      if (vain == MOST_VAIN) {
        throw new IllegalStateException("no write succeeded in " + MOST_VAIN + " attempts");
      }
    }
  }

  /// Stops at the first failure, for then somebody else leads.
  ///
  /// @return how many were recorded
  private long attempt(GatheredWrites writes, long count) throws InterruptedException {
    var event =
        Command.newBuilder()
            .setRecordEvent(
                RecordEvent.newBuilder()
                    .setKind("BENCH_WRITE")
                    .putAttributes("value", "x".repeat(WritesBenchmark.VALUE_BYTES)))
            .build();
    var free = new Semaphore(OUTSTANDING);
    var done = new AtomicLong();
    long before = failures.get();
    for (long i = 0; i < count && failures.get() == before; i++) {
      free.acquire();
      var _ =
          writes
              .write(event)
              .whenComplete(
                  (_, failure) -> {
                    (failure == null ? done : failures).incrementAndGet();
                    free.release();
                  });
    }
    free.acquire(OUTSTANDING);
    return done.get();
  }

  private static boolean report(java.io.PrintWriter out, Map<Long, List<Double>> heaps) {
    boolean flat = true;
    int third = SAMPLES / 3;
    for (var one : heaps.values()) {
      double early = Times.median(one.subList(0, third));
      double late = Times.median(one.subList(SAMPLES - third, SAMPLES));
      flat &= late / early <= MOST_GROWTH;
      out.printf(
          Locale.ROOT,
          "live MiB, median of the first third %.1f, of the last %.1f, ratio %.3f (at most %.2f)%n",
          early,
          late,
          late / early,
          MOST_GROWTH);
    }
    out.flush();
    return flat;
  }
}
