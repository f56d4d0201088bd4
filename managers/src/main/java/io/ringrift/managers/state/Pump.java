package io.ringrift.managers.state;

import java.util.concurrent.atomic.AtomicInteger;

/// Runs one task on a virtual thread whenever it was woken; wakes during a run are merged into one
/// more run. `wake` never blocks; runs never overlap.
final class Pump {
  private final AtomicInteger wakes = new AtomicInteger();
  private final Runnable task;

  Pump(Runnable task) {
    this.task = task;
  }

  void wake() {
    if (wakes.getAndIncrement() == 0) {
      Thread.ofVirtual().name("state-pump").start(this::run);
    }
  }

  private void run() {
    int seen;
    do {
      seen = wakes.get();
      task.run();
    } while (wakes.addAndGet(-seen) != 0);
  }
}
