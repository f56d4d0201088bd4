package io.ringrift.kernel.consensus.raft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.ringrift.kernel.time.Moment;
import io.ringrift.kernel.time.Ticker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DiskProbeTest {
  private static final Ticker CLOCK = Ticker.system();

  private static final Duration LIMIT = Duration.ofSeconds(2);

  @TempDir private Path folder;

  /// A leader whose disk is slow holds up everybody as one whose disk fails does.
  @Test
  void aSyncThatTakesLongerThanTheLimitIsTroubleUntilTheNextOne() {
    var nanos = new AtomicLong();
    Ticker clock = () -> new Moment(nanos.get());
    var disk = new Semaphore(0);
    try (var probe = new DiskProbe(disk::acquireUninterruptibly, clock, LIMIT)) {
      await().until(disk::hasQueuedThreads);
      nanos.addAndGet(LIMIT.toNanos());
      assertThat(probe.trouble(clock.now())).as("no longer than it may").isEmpty();
      nanos.addAndGet(1_000_000);
      assertThat(probe.trouble(clock.now())).contains("a sync has taken 2001 ms by now");
      disk.release();
      await()
          .until(
              () ->
                  !probe
                      .trouble(clock.now())
                      .equals(Optional.of("a sync has taken 2001 ms by now")));
      assertThat(probe.trouble(clock.now())).contains("a sync took 2001 ms");
      disk.release(1_000);
      await().until(() -> probe.trouble(clock.now()).isEmpty());
    }
  }

  @Test
  void aDiskThatCannotBeProbedAtFirstIsProbedAgain() throws IOException {
    Path inTheWay = Files.createDirectory(folder.resolve("probe"));
    try (var probe = new DiskProbe(folder, CLOCK, Duration.ofSeconds(20))) {
      await().until(() -> probe.trouble(CLOCK.now()).isPresent());
      assertThat(probe.trouble(CLOCK.now()).orElseThrow()).contains("a sync failed");
      Files.delete(inTheWay);
      await().until(() -> probe.trouble(CLOCK.now()).isEmpty());
    }
  }
}
