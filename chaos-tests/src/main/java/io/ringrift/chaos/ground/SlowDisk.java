package io.ringrift.chaos.ground;

import io.ringrift.kernel.time.Moment;
import io.ringrift.kernel.time.Ticker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/// A process whose every fsync is held up, by `strace` as a tracer. One thread.
public final class SlowDisk {
  /// In which a tracer holds its process or never will.
  private static final Duration HELD = Duration.ofSeconds(5);

  private static final Duration AGAIN = Duration.ofMillis(20);

  private final Process tracer;
  private final long pid;

  private SlowDisk(Process tracer, long pid) {
    this.tracer = tracer;
    this.pid = pid;
  }

  /// Why it cannot be done here; empty when it can. It is tried: where processes may not be traced
  /// `strace` is there and ends at once.
  public static Optional<String> obstacle() {
    return Commands.missing("strace")
        .map(why -> why + " (Debian package strace)")
        .or(SlowDisk::refused);
  }

  private static Optional<String> refused() {
    Optional<String> why =
        Optional.of(
            "processes may not be traced here (kernel.yama.ptrace_scope, or a container without"
                + " SYS_PTRACE)");
    try {
      // It ends with its input.
      Process other = new ProcessBuilder("/bin/sh", "-c", "read never").start();
      try {
        SlowDisk tried = of(other.pid(), Duration.ofMillis(1));
        return tried.end() ? Optional.empty() : why;
      } finally {
        other.destroyForcibly();
      }
    } catch (IOException e) {
      return Optional.of("strace cannot be run: " + e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return why;
    }
  }

  /// Returns when the process is traced, or when that cannot be.
  public static SlowDisk of(long pid, Duration delay) throws IOException {
    String calls = "fsync,fdatasync,sync_file_range";
    var slow =
        new SlowDisk(
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
                .start(),
            pid);
    Ticker ticker = Ticker.system();
    Moment end = ticker.now().plus(HELD);
    while (!slow.holds() && slow.tracer.isAlive() && ticker.now().isBefore(end)) {
      LockSupport.parkNanos(AGAIN.toNanos());
    }
    return slow;
  }

  /// What the kernel says of who traces the process.
  private boolean holds() {
    String traced = "TracerPid:\t" + tracer.pid();
    try {
      return Files.readAllLines(Path.of("/proc/" + pid + "/status")).contains(traced);
    } catch (IOException ended) {
      return false;
    }
  }

  /// The process goes on by itself.
  ///
  /// @return whether it was held up until now
  public boolean end() throws InterruptedException {
    boolean held = holds();
    tracer.destroy();
    if (!tracer.waitFor(10, TimeUnit.SECONDS)) {
      tracer.destroyForcibly().waitFor();
    }
    return held;
  }
}
