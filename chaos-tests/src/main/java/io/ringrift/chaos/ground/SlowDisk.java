package io.ringrift.chaos.ground;

import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/// A process whose every fsync is held up, by `strace` as a tracer. One thread.
public final class SlowDisk {
  private final Process tracer;

  private SlowDisk(Process tracer) {
    this.tracer = tracer;
  }

  /// Why it cannot be done here; empty when it can.
  public static Optional<String> obstacle() {
    return Commands.missing("strace").map(why -> why + " (Debian package strace)");
  }

  public static SlowDisk of(long pid, Duration delay) throws IOException {
    obstacle()
        .ifPresent(
            why -> {
              throw new Refusal(Reason.SPAWN_FAILED, why);
            });
    String calls = "fsync,fdatasync,sync_file_range";
    return new SlowDisk(
        new ProcessBuilder(
                List.of(
                    "strace",
                    "-f",
                    "-qq",
                    "-o",
                    "/dev/null",
                    "-e",
                    "trace=" + calls,
                    "-e",
                    "inject=" + calls + ":delay_enter=" + delay.toNanos() / 1000,
                    "-p",
                    Long.toString(pid)))
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start());
  }

  /// The process goes on by itself.
  public void end() throws InterruptedException {
    tracer.destroy();
    if (!tracer.waitFor(10, TimeUnit.SECONDS)) {
      tracer.destroyForcibly().waitFor();
    }
  }
}
