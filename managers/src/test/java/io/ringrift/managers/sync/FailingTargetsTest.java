package io.ringrift.managers.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.ringrift.kernel.Refusal;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// A node to which nothing can be written: the others are served, it is tried ever more seldom, and
/// the cluster is told twice.
final class FailingTargetsTest extends TargetsBed {
  private static final String[] FAILED_RUN = {
    "DATA_SYNC_STARTED", "DATA_SYNC_FAILED", "DATA_SYNC_TARGET_FAILING"
  };

  @Override
  SyncCluster cluster(Path folder) throws IOException {
    return new SyncCluster(folder, "a", "b", "c");
  }

  @BeforeEach
  void failOnce() throws IOException {
    cluster.node("a").write("games/x.db", new byte[10]);
    spoil("c");
    assertThatThrownBy(this::quickly)
        .hasCauseInstanceOf(Refusal.class)
        .hasMessageContaining("games/x.db");
  }

  @Test
  void theOthersGetNewFilesWhileItRests() throws Exception {
    cluster.node("a").write("games/y.db", new byte[10]);

    round();

    assertThat(at("b", "games/y.db")).exists();
    assertThat(cluster.events())
        .startsWith(FAILED_RUN)
        .endsWith("DATA_SYNC_STARTED", "DATA_SYNC_COMPLETED")
        .hasSize(5);
    assertThat(status().getState()).as("c lacks files").isEqualTo("IDLE");
  }

  @Test
  void theStatusTellsWhoRestsHowLongAndWhy() {
    assertThat(failing().getNodeId()).isEqualTo("c");
    assertThat(failing().getSyncType()).isEqualTo("all");
    assertThat(failing().getRuns()).isEqualTo(1);
    assertThat(failing().getFiles()).as("all of them").isZero();
    assertThat(failing().getRestsFor().getSeconds()).isBetween(20L, 30L);
    assertThat(failing().getReason()).isEqualTo("STORAGE_FAILED");
    assertThat(failing().getDetail()).startsWith("games/x.db to c: ");
    assertThat(last().getSubject()).isEqualTo("c");
    assertThat(last().getAttributesMap())
        .containsEntry("node_id", "c")
        .containsEntry("sync_type", "all")
        .containsEntry("files", "all")
        .containsEntry("reason", "STORAGE_FAILED")
        .containsKey("error");
  }

  @Test
  void triesThatFailAgainTellNothingAndTheOneThatArrivesTellsOnce() throws Exception {
    cluster.skip(Duration.ofSeconds(31));
    round();
    await().until(() -> failing().getRuns() == 2 && failing().hasRestsFor());
    assertThat(failing().getRestsFor().getSeconds()).isBetween(50L, 60L);
    assertThat(cluster.events()).containsExactly(FAILED_RUN);

    mend("c");
    cluster.skip(Duration.ofSeconds(61));
    round();

    await().untilAsserted(() -> assertThat(status().getFailingTargetsList()).isEmpty());
    assertThat(at("c", "games/x.db")).exists();
    await().until(() -> cluster.events().size() == 4);
    assertThat(last().getKind()).isEqualTo("DATA_SYNC_TARGET_RECOVERED");
    assertThat(last().getAttributesMap())
        .containsEntry("node_id", "c")
        .containsEntry("sync_type", "all")
        .containsEntry("cause", "arrived")
        .hasEntrySatisfying(
            "seconds", text -> assertThat(Long.parseLong(text)).isBetween(92L, 200L));
  }

  @Test
  void aTryThatHangsHoldsUpNoRound() throws Exception {
    cluster.node("c").hang();
    cluster.skip(Duration.ofSeconds(31));
    cluster.node("a").write("games/y.db", new byte[10]);

    round();

    assertThat(at("b", "games/y.db")).exists();
    assertThat(failing().hasRestsFor()).as("it is being tried").isFalse();
  }

  @Test
  void ofWhoIsGoneNothingIsToldAsRecovered() throws Exception {
    cluster.node("c").die();

    round();

    assertThat(status().getFailingTargetsList()).isEmpty();
    assertThat(cluster.events()).containsExactly(FAILED_RUN);
  }

  @Test
  void aRunByHandTriesWhoRests() throws Exception {
    mend("c");

    assertThat(cluster.run().getSuccess()).isTrue();

    assertThat(at("c", "games/x.db")).exists();
    assertThat(cluster.events()).endsWith("DATA_SYNC_TARGET_RECOVERED");
    assertThat(status().getFailingTargetsList()).isEmpty();
  }
}
