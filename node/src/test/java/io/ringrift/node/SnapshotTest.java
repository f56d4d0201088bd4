package io.ringrift.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.ringrift.node.cli.CommandLines;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// `ringrift snapshot` against one whole node.
@Timeout(90)
class SnapshotTest {
  private final Path folder;
  private final Nodes nodes;

  SnapshotTest(@TempDir Path folder) {
    this.folder = folder;
    this.nodes = new Nodes(folder, "n1");
  }

  @AfterEach
  void stop() {
    nodes.close();
  }

  private CommandLines.Result ringrift(String... words) {
    return CommandLines.run("127.0.0.1:" + nodes.port("n1"), words);
  }

  private long epoch() {
    return nodes.get("n1", "/v1/leader").path("epoch").asLong();
  }

  @Test
  void restoreBringsBackWhatWasSavedInANewEpoch() throws InterruptedException {
    nodes.start("n1").awaitReady();
    String file = folder.resolve("state.snapshot").toString();
    ringrift("queue", "submit", "--payload", "kept", "--type", "validation");
    assertThat(ringrift("snapshot", "save", file).code()).isZero();
    ringrift("queue", "submit", "--payload", "later", "--type", "validation");
    long before = epoch();

    var restored = ringrift("snapshot", "restore", file, "--yes");

    assertThat(restored.err()).isEmpty();
    assertThat(restored.code()).isZero();
    assertThat(epoch()).isGreaterThan(before);
    await()
        .atMost(Nodes.SOON)
        .untilAsserted(
            () ->
                assertThat(nodes.get("n1", "/v1/work").path("items").findValuesAsText("payload"))
                    .containsExactly("kept"));
  }

  @Test
  void damagedFileIsToldAndChangesNothing() throws Exception {
    nodes.start("n1").awaitReady();
    Path file = folder.resolve("state.snapshot");
    assertThat(ringrift("snapshot", "save", file.toString()).code()).isZero();
    byte[] bytes = Files.readAllBytes(file);
    bytes[bytes.length - 1] ^= 1;
    Files.write(file, bytes);
    long before = epoch();
    var refused = ringrift("snapshot", "restore", file.toString(), "--yes");
    assertThat(refused.code()).isNotZero();
    assertThat(refused.err()).contains("DIGEST_MISMATCH").contains("not whole");
    assertThat(epoch()).isEqualTo(before);
  }

  @Test
  void inspectAsksNoNode() throws Exception {
    nodes.start("n1").awaitReady();
    String file = folder.resolve("state.snapshot").toString();
    ringrift("queue", "submit", "--payload", "kept", "--type", "validation");
    assertThat(ringrift("snapshot", "save", file).code()).isZero();
    nodes.stop("n1");
    var shown = ringrift("snapshot", "inspect", file);
    assertThat(shown.code()).isZero();
    assertThat(shown.out()).containsPattern("work +1").contains("state hash");
  }
}
