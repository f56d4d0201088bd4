package io.ringrift.benchmarks.swim;

import java.util.ArrayDeque;
import java.util.Deque;

/// What has to be closed when this process is told to end (SIGINT, SIGTERM) before it was: a
/// process that stands still would outlive it, with the namespace that it is in. Opened and closed
/// by one thread.
final class Ending implements AutoCloseable {
  private final Thread hook = new Thread(this::end, "ending");

  /// The latest first. Guarded by this.
  private final Deque<Runnable> closes = new ArrayDeque<>();

  Ending() {
    Runtime.getRuntime().addShutdownHook(hook);
  }

  /// @param close may be called twice
  synchronized void with(Runnable close) {
    closes.push(close);
  }

  private synchronized void end() {
    closes.forEach(Runnable::run);
  }

  @Override
  public void close() {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException ending) {
      // The hook runs already.
      return;
    }
  }
}
