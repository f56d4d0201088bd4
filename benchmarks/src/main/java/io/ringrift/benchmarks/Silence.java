package io.ringrift.benchmarks;

import java.io.IOException;
import java.util.List;

/// A process that stands still, as its host would look that fell silent: its connections stay open
/// and nothing answers. `close` lets it go on.
public final class Silence implements AutoCloseable {
  private final long pid;

  private Silence(long pid) {
    this.pid = pid;
  }

  /// @throws IllegalStateException when it could not be stopped
  public static Silence of(long pid) throws IOException, InterruptedException {
    signal("-STOP", pid);
    return new Silence(pid);
  }

  private static void signal(String name, long pid) throws IOException, InterruptedException {
    PeerProcess.run(List.of("kill", name, Long.toString(pid)));
  }

  @Override
  public void close() throws IOException {
    try {
      signal("-CONT", pid);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
