package io.ringrift.chaos.run;

import io.ringrift.chaos.evidence.EvidenceRecorder;
import io.ringrift.chaos.evidence.NodeEvent;
import io.ringrift.chaos.history.RunClock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/// Notes when the runner's own machine has no time for it: what comes late then may be nobody's
/// fault. A cluster of our own keeps a processor busy with a few threads; a build beside it with
/// many.
final class Pulse implements AutoCloseable {
  private static final Duration BEAT = Duration.ofMillis(100);

  /// A beat that comes so much later had no processor.
  private static final Duration LATE = Duration.ofMillis(500);

  /// Threads that want to run, of each processor.
  private static final int MOST = 5;

  private static final Path STAT = Path.of("/proc/stat");

  private final RunClock clock;
  private final EvidenceRecorder recorder;
  private final RunQueue queue = new RunQueue();
  private volatile boolean over;

  Pulse(RunClock clock, EvidenceRecorder recorder) {
    this.clock = clock;
    this.recorder = recorder;
    Thread.ofPlatform()
        .daemon()
        .name("pulse")
        .uncaughtExceptionHandler(Threads.telling(recorder::failed))
        .start(this::beat);
  }

  private void beat() {
    boolean starved = false;
    while (!over) {
      long before = clock.nanos();
      LockSupport.parkNanos(this, BEAT.toNanos());
      long slept = clock.nanos() - before;
      double wanted = queue.add(stat(), slept / 1e9);
      boolean now = slept > BEAT.plus(LATE).toNanos() || wanted > MOST;
      if (now != starved) {
        String kind = now ? NodeEvent.STARVED : NodeEvent.RELIEVED;
        long at = now ? before : clock.nanos();
        String why =
            "a beat of %.1f s, %.1f threads want each processor".formatted(slept / 1e9, wanted);
        recorder.event(new NodeEvent(at, NodeEvent.RUNNER, kind, 0, why));
        starved = now;
      }
    }
  }

  /// Nothing where the system has no such file: then the beats alone tell.
  private static List<String> stat() {
    try {
      return Files.readAllLines(STAT);
    } catch (IOException none) {
      return List.of();
    }
  }

  @Override
  public void close() {
    over = true;
  }
}
