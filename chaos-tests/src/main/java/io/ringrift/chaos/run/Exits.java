package io.ringrift.chaos.run;

import io.ringrift.chaos.evidence.EvidenceRecorder;
import io.ringrift.chaos.evidence.NodeEvent;
import io.ringrift.chaos.ground.Crash;
import io.ringrift.chaos.ground.Ground;
import io.ringrift.chaos.history.RunClock;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;

/// Asks the ground again and again who ended by itself, so that the time is known, and so that one
/// whom a fault starts again is not overlooked. Each end is told once. Closed by one thread.
final class Exits implements AutoCloseable {
  private static final Duration PAUSE = Duration.ofMillis(250);

  private final Ground ground;
  private final RunClock clock;
  private final EvidenceRecorder recorder;

  /// By name and process id. Guarded by this.
  private final Set<String> told = new HashSet<>();

  private volatile boolean over;

  Exits(Ground ground, RunClock clock, EvidenceRecorder recorder) {
    this.ground = ground;
    this.clock = clock;
    this.recorder = recorder;
    Thread.ofVirtual()
        .name("exits")
        .start(
            () -> {
              while (!over) {
                look();
                LockSupport.parkNanos(PAUSE.toNanos());
              }
            });
  }

  private synchronized void look() {
    if (over) {
      return;
    }
    try {
      for (Crash crash : ground.crashed()) {
        if (told.add(crash.node() + " " + crash.pid())) {
          recorder.event(new NodeEvent(clock.nanos(), crash.node(), "EXITED", 0, crash.how()));
        }
      }
    } catch (RuntimeException e) {
      // The next look may do better.
      recorder.note("who ended by itself could not be asked: " + e);
    }
  }

  /// Looks once more; nothing is told of what ends after this.
  @Override
  public void close() {
    look();
    over = true;
  }
}
