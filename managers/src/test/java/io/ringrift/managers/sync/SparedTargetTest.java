package io.ringrift.managers.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Two copies are wanted, and the node that is to get the second one can store nothing: others take
/// its place.
final class SparedTargetTest extends TargetsBed {
  @Override
  SyncCluster cluster(Path folder) throws IOException {
    return SyncCluster.withTarget(folder, 2, "a", "b", "c", "d");
  }

  @BeforeEach
  void failOnce() throws IOException {
    cluster.node("a").write("games/x.db", new byte[10]);
    spoil("b");
    assertThatThrownBy(this::quickly).hasMessageContaining("games/x.db");
    assertThat(failing().getNodeId()).isEqualTo("b");
  }

  private long times(String kind) {
    return cluster.events().stream().filter(kind::equals).count();
  }

  @Test
  void anotherNodeGetsTheCopyOfOneThatStoresNothing() throws Exception {
    round();

    assertThat(at("c", "games/x.db")).exists();
    assertThat(status().getMissingFiles()).isZero();
    assertThat(failing().getNodeId()).as("it still stores nothing").isEqualTo("b");
  }

  @Test
  void newFilesGoElsewhereAndTheNodeIsTriedAgainWithoutFurtherEvents() throws Exception {
    round();
    for (int i = 0; i < 3; i++) {
      cluster.skip(Duration.ofSeconds(31L << i));
      String path = "games/y" + i + ".db";
      cluster.node("a").write(path, new byte[10]);

      round();

      assertThat(at("c", path)).exists();
      int tries = i + 2;
      await().until(() -> failing().getRuns() == tries && failing().hasRestsFor());
    }
    assertThat(times("DATA_SYNC_FAILED")).isEqualTo(1);
    assertThat(times("DATA_SYNC_TARGET_FAILING")).isEqualTo(1);

    mend("b");
    cluster.skip(Duration.ofMinutes(5));
    cluster.node("a").write("games/z.db", new byte[10]);
    round();

    await().until(() -> times("DATA_SYNC_TARGET_RECOVERED") == 1);
    assertThat(at("b", "games/z.db")).exists();
    assertThat(status().getFailingTargetsList()).isEmpty();
  }
}
