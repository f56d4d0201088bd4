package io.ringrift.chaos.ground;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class SlowDiskTest {
  private static final Duration DELAY = Duration.ofMillis(1);

  private static Process waiting() throws IOException {
    assumeThat(SlowDisk.obstacle()).isEmpty();
    return new ProcessBuilder("/bin/sh", "-c", "read never").start();
  }

  @Test
  void aDiskIsSlowWhileItsProcessIsTraced() throws Exception {
    Process process = waiting();
    try {
      assertThat(SlowDisk.of(process.pid(), DELAY).end()).isTrue();
    } finally {
      process.destroyForcibly();
    }
  }

  /// As where tracing is refused: the tracer ends at once.
  @Test
  void aProcessThatIsNotTracedHasNoSlowDisk() throws Exception {
    Process process = waiting();
    SlowDisk first = SlowDisk.of(process.pid(), DELAY);
    try {
      assertThat(SlowDisk.of(process.pid(), DELAY).end()).as("it has a tracer already").isFalse();
      assertThat(first.end()).isTrue();
    } finally {
      process.destroyForcibly();
    }
  }
}
