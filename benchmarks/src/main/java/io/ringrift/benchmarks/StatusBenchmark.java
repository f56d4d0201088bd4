package io.ringrift.benchmarks;

import io.grpc.ManagedChannel;
import io.ringrift.queue.v1.ClaimRef;
import io.ringrift.queue.v1.CompleteWorkRequest;
import io.ringrift.queue.v1.QueueServiceGrpc;
import io.ringrift.queue.v1.SubmitWorkRequest;
import io.ringrift.queue.v1.WorkSpec;
import io.ringrift.status.v1.GetStatusRequest;
import io.ringrift.status.v1.StatusServiceGrpc;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// How long a claim and a question for the status take while many items wait and many workers
/// claim, complete and submit one item after the other, so that the queue stays as deep as it is.
@Command(
    name = "status",
    description = "p99 of status and claim with 10,000 items and 40 workers.",
    mixinStandardHelpOptions = true)
final class StatusBenchmark implements Callable<Integer> {
  private static final int ASKS_PER_SECOND = 20;
  private static final double GOAL_STATUS_MILLIS = 250;
  private static final double GOAL_CLAIM_MILLIS = 250;

  @Option(names = "--items", defaultValue = "10000", description = "Default 10000.")
  int items = 10_000;

  @Option(names = "--workers", defaultValue = "40", description = "Default 40.")
  int workers = 40;

  @Option(names = "--seconds", defaultValue = "20", description = "Measured time (default 20).")
  int seconds = 20;

  @Option(names = "--warm-up", defaultValue = "30", description = "Before it (default 30).")
  int warmUp = 30;

  @Option(names = "--mode", defaultValue = "bully", description = "bully (default) or raft.")
  String mode = "bully";

  @Spec CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() throws Exception {
    var out = spec.commandLine().getOut();
    Lab.conditions(out);
    try (var lab = new Lab();
        var systems = new Systems(lab, out)) {
      var cluster = systems.ringrift(mode);
      Lab.say(out, items + " items wait, " + workers + " workers; warming up");
      var _ = SpoiledRun.repeat(out, () -> filled(cluster, Duration.ofSeconds(warmUp)));
      var load = SpoiledRun.repeat(out, () -> filled(cluster, Duration.ofSeconds(seconds)));
      report(out, "status", load.status(), GOAL_STATUS_MILLIS);
      report(out, "claim", load.claims(), GOAL_CLAIM_MILLIS);
    }
    return 0;
  }

  private record Load(Rates status, Rates claims) {}

  private Load filled(RingriftCluster cluster, Duration length) throws Exception {
    new RingriftQueue(cluster).fill(items);
    return load(cluster, length);
  }

  private Load load(RingriftCluster cluster, Duration length) throws Exception {
    var channel = cluster.leader();
    var status = new Samples();
    var claims = new ArrayList<Samples>();
    var before = Processor.now(cluster.pids());
    long start = System.nanoTime();
    long end = start + length.toNanos();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var ends = new ArrayList<Future<?>>();
      for (int i = 0; i < workers; i++) {
        String worker = "worker-" + i;
        var times = new Samples();
        claims.add(times);
        ends.add(threads.submit(() -> work(channel, worker, times, end)));
      }
      ends.add(threads.submit(() -> ask(channel, status, end)));
      for (Future<?> one : ends) {
        one.get();
      }
    } catch (ExecutionException e) {
      throw new SpoiledRun("a claim or a question failed: " + e.getCause(), e.getCause());
    }
    double took = (System.nanoTime() - start) / 1e9;
    var spent = Processor.now(cluster.pids()).since(before);
    return new Load(
        Rates.of(Samples.sorted(List.of(status)), took, 0, spent),
        Rates.of(Samples.sorted(claims), took, 0, spent));
  }

  private static void work(ManagedChannel channel, String worker, Samples times, long end) {
    var submit =
        SubmitWorkRequest.newBuilder()
            .addItems(WorkSpec.newBuilder().setWorkType("bench").setPayload("x".repeat(200)))
            .build();
    var claim = RingriftQueue.claim(worker, 1);
    while (System.nanoTime() - end < 0) {
      long start = System.nanoTime();
      var item =
          Calls.unary(channel, QueueServiceGrpc.getClaimWorkMethod(), claim).join().getItems(0);
      times.add(System.nanoTime() - start);
      var done =
          CompleteWorkRequest.newBuilder()
              .setClaim(
                  ClaimRef.newBuilder()
                      .setWorkId(item.getWorkId())
                      .setClaimToken(item.getClaimToken())
                      .setWorkerId(worker))
              .build();
      Calls.unary(channel, QueueServiceGrpc.getCompleteWorkMethod(), done).join();
      Calls.unary(channel, QueueServiceGrpc.getSubmitWorkMethod(), submit).join();
    }
  }

  /// At a steady pace, whatever the answers take.
  private static void ask(ManagedChannel channel, Samples times, long end) {
    var request = GetStatusRequest.getDefaultInstance();
    while (System.nanoTime() - end < 0) {
      long start = System.nanoTime();
      var _ = Calls.unary(channel, StatusServiceGrpc.getGetStatusMethod(), request).join();
      times.add(System.nanoTime() - start);
      long next = start + TimeUnit.SECONDS.toNanos(1) / ASKS_PER_SECOND;
      LockSupport.parkNanos(next - System.nanoTime());
    }
  }

  private static void report(java.io.PrintWriter out, String what, Rates rates, double goal) {
    out.printf(
        Locale.ROOT,
        "%s: %,.0f/s, p50 %.1f ms, p99 %.1f ms (goal %.0f, ratio %.2f), others %.0f %% of a core%n",
        what,
        rates.perSecond(),
        rates.p50(),
        rates.p99(),
        goal,
        rates.p99() / goal,
        rates.othersPercent());
    out.flush();
  }
}
