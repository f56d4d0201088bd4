package io.ringrift.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.ringrift.node.cli.CommandLines;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// `ringrift snapshot` against three whole voters.
@Timeout(120)
class SnapshotInEveryModeTest {
  private static final List<String> VOTERS = List.of("n1", "n2", "n3");

  private final Path folder;
  private final Nodes nodes;

  SnapshotInEveryModeTest(@TempDir Path folder) {
    this.folder = folder;
    this.nodes = new Nodes(folder, "n1", "n2", "n3");
  }

  @AfterEach
  void stop() {
    nodes.close();
  }

  private CommandLines.Result ringrift(String node, String... words) {
    var result = CommandLines.run("127.0.0.1:" + nodes.port(node), words);
    assertThat(result.code()).as(result.err()).isZero();
    return result;
  }

  private void submit(String payload) {
    ringrift(nodes.leader(), "queue", "submit", "--payload", payload, "--type", "validation");
  }

  private List<String> payloads(String node) {
    return nodes.get(node, "/v1/work").path("items").findValuesAsText("payload");
  }

  private long epoch(String node) {
    return nodes.get(node, "/v1/leader").path("epoch").asLong();
  }

  private String hash(String node) {
    return nodes.get(node, "/v1/state").path("state_hash").asText();
  }

  private void everybodyHolds(long beyond, String... payloads) {
    await()
        .atMost(Nodes.SOON)
        .untilAsserted(
            () ->
                assertThat(VOTERS)
                    .allSatisfy(
                        node -> {
                          assertThat(payloads(node)).containsExactlyInAnyOrder(payloads);
                          assertThat(epoch(node)).isGreaterThan(beyond);
                          assertThat(hash(node)).isNotEmpty().isEqualTo(hash("n1"));
                        }));
  }

  @ParameterizedTest
  @ValueSource(strings = {"bully", "raft", "hybrid"})
  void restoreBringsEveryVoterBackToWhatWasSavedInAGreaterEpoch(String mode) {
    nodes.with("consensus_mode", mode);
    VOTERS.forEach(nodes::start);
    String file = folder.resolve("state.snapshot").toString();
    String leader = nodes.leader();
    String follower = leader.equals("n1") ? "n2" : "n1";
    submit("kept");
    ringrift(follower, "snapshot", "save", file);
    assertThat(ringrift(follower, "snapshot", "inspect", file).out())
        .containsPattern("work +1")
        .contains("state hash");
    submit("later");
    long before = epoch(nodes.leader());
    everybodyHolds(before - 1, "kept", "later");

    ringrift(follower, "snapshot", "restore", file, "--yes");

    everybodyHolds(before, "kept");
    submit("after");
    everybodyHolds(before, "kept", "after");
  }
}
