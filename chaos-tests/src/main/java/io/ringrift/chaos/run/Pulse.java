package io.ringrift.chaos.run;

import io.ringrift.chaos.evidence.EvidenceRecorder;
import io.ringrift.chaos.evidence.NodeEvent;
import io.ringrift.chaos.history.RunClock;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/// Notes when the runner's own machine has no time for it: what comes late then may be nobody's
/// fault. A cluster of our own keeps a processor busy with a few threads; a build beside it with
/// many.
final class Pulse implements AutoCloseable {
  private static final Duration BEAT = Duration.ofMillis(100);

  /// A beat that comes so much later had no processor.
  private static final Duration LATE = Duration.ofMillis(500);

  /// Threads that want to run, of each processor.
  private static final int LOAD = 5;

  private final RunClock clock;
  private final EvidenceRecorder recorder;
  private final int processors = Runtime.getRuntime().availableProcessors();
  private volatile boolean over;

  Pulse(RunClock clock, EvidenceRecorder recorder) {
    this.clock = clock;
    this.recorder = recorder;
    Thread.ofPlatform().daemon().name("pulse").start(this::beat);
  }

  private void beat() {
    boolean starved = false;
    while (!over) {
      long before = clock.nanos();
      LockSupport.parkNanos(this, BEAT.toNanos());
      long late = clock.nanos() - before - BEAT.toNanos();
      double load = ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
      boolean now = late > LATE.toNanos() || load > (double) LOAD * processors;
      if (now != starved) {
        String kind = now ? NodeEvent.STARVED : NodeEvent.RELIEVED;
        long at = now ? before : clock.nanos();
        String why = "load %.1f on %d processors".formatted(load, processors);
        recorder.event(new NodeEvent(at, NodeEvent.RUNNER, kind, 0, why));
        starved = now;
      }
    }
  }

  @Override
  public void close() {
    over = true;
  }
}
