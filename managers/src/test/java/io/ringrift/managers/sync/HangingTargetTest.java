package io.ringrift.managers.sync;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A node that takes orders and answers none costs a run the time of one order, not of all.
final class HangingTargetTest {
  /// More transfers of 50 files than one target is asked for at once.
  private static final int FILES = 401;

  @TempDir private Path folder;

  @Test
  void afterTheFirstOrderInVainNoMoreAreGivenInThatRun() throws IOException {
    try (var cluster = SyncCluster.withTimeout(folder, Duration.ofSeconds(5), "a", "b", "c")) {
      for (int i = 0; i < FILES; i++) {
        cluster.node("a").write("games/%03d.db".formatted(i), new byte[] {1});
      }
      cluster.node("c").hang();

      var response = cluster.run();

      assertThat(cluster.node("c").unanswered).hasValue(4);
      assertThat(response.getFilesCompleted()).as("those of b").isEqualTo(FILES);
      assertThat(response.getFilesFailed()).isEqualTo(FILES);
      assertThat(response.getFailedList())
          .allMatch(one -> Objects.equals(one.getReason(), "DEADLINE_EXCEEDED"))
          .anyMatch(one -> one.getDetail().contains("not ordered"));
    }
  }
}
