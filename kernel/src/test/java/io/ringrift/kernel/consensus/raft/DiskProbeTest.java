package io.ringrift.kernel.consensus.raft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.ringrift.kernel.time.Ticker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DiskProbeTest {
  private static final Ticker CLOCK = Ticker.system();

  @TempDir private Path folder;

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
