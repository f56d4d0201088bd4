package io.ringrift.benchmarks;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/// Workers that claim and complete one lease after the other until time is over or none waits. The
/// time of a lease counts for each of its items.
final class WorkerLoop {
  private final Set<String> claimed = ConcurrentHashMap.newKeySet();
  private final Set<String> twice = ConcurrentHashMap.newKeySet();

  /// @throws IllegalStateException when an item was handed out twice
  /// @throws SpoiledRun when a claim or a completion failed
  static Rates run(WorkQueue queue, int workers, int lease, Duration length) throws Exception {
    var loop = new WorkerLoop();
    var samples = new ArrayList<Samples>();
    var hands = new ArrayList<WorkQueue.Worker>();
    for (int i = 0; i < workers; i++) {
      samples.add(new Samples());
      hands.add(queue.worker(i, lease));
    }
    var before = Processor.now(queue.pids());
    long start = System.nanoTime();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var ends = new ArrayList<Future<?>>();
      for (int i = 0; i < workers; i++) {
        var hand = hands.get(i);
        var times = samples.get(i);
        ends.add(
            threads.submit(
                () -> {
                  loop.work(hand, times, start + length.toNanos());
                  return null;
                }));
      }
      await(ends);
    }
    double seconds = (System.nanoTime() - start) / 1e9;
    var spent = Processor.now(queue.pids()).since(before);
    for (var hand : hands) {
      hand.end();
    }
    if (!loop.twice.isEmpty()) {
      throw new IllegalStateException(queue.name() + " handed out twice: " + loop.twice);
    }
    return Rates.of(Samples.sorted(samples), seconds, 0, spent);
  }

  private static void await(List<Future<?>> ends) throws InterruptedException {
    for (Future<?> end : ends) {
      try {
        end.get();
      } catch (ExecutionException e) {
        throw new SpoiledRun("a worker failed: " + e.getCause(), e.getCause());
      }
    }
  }

  private void work(WorkQueue.Worker worker, Samples times, long end) throws Exception {
    for (long start = System.nanoTime(); start - end < 0; start = System.nanoTime()) {
      List<String> items = worker.claim();
      if (items.isEmpty()) {
        return;
      }
      items.stream().filter(item -> !claimed.add(item)).forEach(twice::add);
      worker.complete();
      long took = System.nanoTime() - start;
      items.forEach(_ -> times.add(took));
    }
  }
}
