package io.ringrift.managers.state;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringrift.kernel.time.Ticker;
import io.ringrift.managers.Health;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// SPEC 5.1: healthy while the node's own database is there.
class StateHealthTest {
  @TempDir private Path folder;

  private StateManager open() {
    return StateManager.open(
        folder,
        new MemoryKeyValueStore(),
        damage -> {
          throw damage;
        },
        StateConfig.defaults(),
        Ticker.system());
  }

  @Test
  void stateWithoutItsDatabaseIsAnError() throws IOException {
    Path file = folder.resolve("node.db");
    Path aside = folder.resolve("aside.db");
    try (var state = open()) {
      assertThat(state.health().status()).isEqualTo(Health.Status.RUNNING);
      assertThat(state.health().details())
          .containsEntry("db_path", file.toString())
          .containsEntry("cluster_epoch", "0")
          .containsEntry("job_count", "0");
      Files.move(file, aside);
      assertThat(state.health().status()).isEqualTo(Health.Status.ERROR);
      assertThat(state.health().message()).contains("is gone");
      Files.move(aside, file);
    }
  }
}
