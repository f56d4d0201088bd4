package io.ringrift.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.ringrift.node.cli.CommandLines;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A round robin of the built-in Hex, played by a whole node.
@Timeout(180)
class TournamentTest {
  private final Path file;
  private final Nodes nodes;

  TournamentTest(@TempDir Path folder) {
    this.file = folder.resolve("cluster.yaml");
    this.nodes = new Nodes(folder, "n1");
  }

  @AfterEach
  void stop() {
    nodes.close();
  }

  private CommandLines.Result cli(String... words) {
    return CommandLines.run("127.0.0.1:" + nodes.port("n1"), words);
  }

  @Test
  void threePlayersMeetAndTheLadderRanksThem() throws IOException, InterruptedException {
    Files.writeString(
        file,
        Files.readString(file) + "training: {interval: 1s, gate: {params: {simulations: '16'}}}\n");
    nodes.start("n1").awaitReady();
    var begun =
        cli("tournament", "start", "hex5_2p", "random", "heuristic", "mcts", "--pairs", "2");
    assertThat(begun.code()).as(begun.err()).isZero();
    assertThat(begun.out()).contains("3 meetings of 4 games");
    String id = begun.out().split(":", 2)[0];
    await()
        .atMost(Nodes.SOON.multipliedBy(3))
        .until(() -> cli("tournament", "show", id).out(), text -> !text.contains("wait or run"));
    assertThat(cli("tournament", "show", id).out())
        .containsPattern("random +heuristic +PLAYED")
        .containsPattern("heuristic +mcts +PLAYED");
    assertThat(cli("tournament", "list").out()).contains(id);
    await()
        .atMost(Nodes.SOON)
        .until(() -> nodes.get("n1", "/v1/ladder/hex5_2p").path("matches").asInt() == 12);
    assertThat(nodes.get("n1", "/v1/tournaments/" + id).path("tournament").path("pairs").asInt())
        .isEqualTo(2);
    assertThat(cli("events").out()).contains("TOURNAMENT_COMPLETED");
  }
}
