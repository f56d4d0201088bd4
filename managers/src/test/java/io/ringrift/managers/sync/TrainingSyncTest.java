package io.ringrift.managers.sync;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.ringrift.kernel.Epoch;
import io.ringrift.managers.LoopSpec;
import io.ringrift.placement.v1.Gpu;
import io.ringrift.placement.v1.NodeFacts;
import io.ringrift.placement.v1.NodeView;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// One copy of a file is enough, but nodes that train shall have the games all the same.
final class TrainingSyncTest {
  private static final String GAMES = "selfplay/hex5_2p/g.jsonl";
  private static final String MODEL = "models/hex5_2p/m.bin";
  private static final byte[] CONTENT = "{}\n".getBytes(UTF_8);

  @TempDir private Path folder;
  private SyncCluster cluster;

  @BeforeEach
  void open() throws IOException {
    cluster = SyncCluster.withTarget(folder, 1, "a", "b", "c", "d");
    cluster.node("a").write(GAMES, CONTENT);
    cluster.node("a").write(MODEL, CONTENT);
  }

  @AfterEach
  void close() {
    cluster.close();
  }

  private void gpuNode(String name, boolean draining, NodeFacts.Builder facts) {
    cluster.views.add(
        NodeView.newBuilder()
            .setNodeId(name)
            .setDraining(draining)
            .setFacts(facts.addGpus(Gpu.getDefaultInstance()))
            .build());
  }

  private void round(String node, long epoch) throws InterruptedException {
    LoopSpec loop =
        cluster.node(node).planner.loops().stream()
            .filter(one -> one.name().equals("training_sync"))
            .findFirst()
            .orElseThrow();
    assertThat(loop.leaderOnly()).isTrue();
    assertThat(loop.firstPause()).as("after a round that failed").hasSeconds(30);
    assertThat(loop.longestPause()).as("after rounds that failed").hasSeconds(600);
    loop.round().run(Optional.of(new Epoch(epoch)));
  }

  private Path at(String node, String path) {
    return cluster.node(node).root.resolve(path);
  }

  @Test
  void nodesWithGpusGetTheGamesAndNobodyElseGetsAnything() throws Exception {
    gpuNode("b", false, NodeFacts.newBuilder());
    gpuNode("d", false, NodeFacts.newBuilder().addCapabilities("training"));

    round("a", 1);

    assertThat(at("b", GAMES)).hasBinaryContent(CONTENT);
    assertThat(at("d", GAMES)).hasBinaryContent(CONTENT);
    assertThat(at("b", MODEL)).doesNotExist();
    assertThat(at("c", GAMES)).doesNotExist();
  }

  @Test
  void whoDrainsMayNotTrainOrHasNoRoomGetsNothing() throws Exception {
    gpuNode("b", true, NodeFacts.newBuilder());
    gpuNode("c", false, NodeFacts.newBuilder().addCapabilities("selfplay"));
    gpuNode("d", false, NodeFacts.newBuilder().setDiskPercent(100).setDiskFreeBytes(1));

    round("a", 1);

    assertThat(at("b", GAMES)).doesNotExist();
    assertThat(at("c", GAMES)).doesNotExist();
    assertThat(at("d", GAMES)).doesNotExist();
  }

  @Test
  void onlyTheLeaderOfTheEpochPushes() throws Exception {
    gpuNode("b", false, NodeFacts.newBuilder());

    round("a", 9);
    round("c", 1);

    assertThat(at("b", GAMES)).doesNotExist();
  }
}
