package io.ringrift.managers.sync;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClusterGamesTest {
  @TempDir private Path folder;
  private SyncCluster cluster;

  @BeforeEach
  void open() throws Exception {
    cluster = new SyncCluster(folder, "a", "b");
    cluster.node("a").write("selfplay/hex8_2p/x.jsonl", "1\n2\n".getBytes(UTF_8));
    cluster.node("b").write("selfplay/hex8_2p/x.jsonl", "1\n2\n".getBytes(UTF_8));
    cluster.node("b").write("selfplay/hex8_2p/y.jsonl", "3\n".getBytes(UTF_8));
    cluster.node("b").write("selfplay/hex5_2p/z.jsonl", "4\n".getBytes(UTF_8));
    cluster.node("b").write("models/hex5_2p/m.bin", "5\n".getBytes(UTF_8));
  }

  @AfterEach
  void close() {
    cluster.close();
  }

  private void collect(String node) throws InterruptedException {
    for (var loop : cluster.node(node).planner.loops()) {
      if (loop.name().equals("manifest_collection")) {
        loop.round().run(Optional.empty());
      }
    }
  }

  @Test
  void theLeaderCountsEachContentOnce() throws Exception {
    assertThat(cluster.node("a").planner.games()).isEmpty();
    collect("a");
    assertThat(cluster.node("a").planner.games()).contains(Map.of("hex8_2p", 3L, "hex5_2p", 1L));
  }

  @Test
  void whoNoLongerLeadsForgets() throws Exception {
    collect("a");
    cluster.lead("b");
    collect("a");
    assertThat(cluster.node("a").planner.games()).isEmpty();
  }
}
