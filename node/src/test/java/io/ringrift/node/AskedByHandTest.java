package io.ringrift.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.ringrift.kernel.Endpoint;
import io.ringrift.node.cli.CommandLines;
import io.ringrift.node.client.ClusterClient;
import io.ringrift.node.local.FreePorts;
import io.ringrift.state.v1.ApplyCommandRequest;
import io.ringrift.state.v1.BeginTraining;
import io.ringrift.state.v1.Command;
import io.ringrift.state.v1.EndTraining;
import io.ringrift.state.v1.StateServiceGrpc;
import io.ringrift.training.v1.Model;
import io.ringrift.training.v1.TrainingFile;
import io.ringrift.training.v1.TrainingRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// What an operator asks of a whole node by command line and HTTP.
@Timeout(90)
class AskedByHandTest {
  private final Path folder;
  private final Nodes nodes;

  AskedByHandTest(@TempDir Path folder) {
    this.folder = folder;
    nodes = new Nodes(folder, "n1");
  }

  @BeforeEach
  void start() throws InterruptedException {
    nodes.start("n1").awaitReady();
  }

  @AfterEach
  void stop() {
    nodes.close();
  }

  private CommandLines.Result cli(String... words) {
    return CommandLines.run("127.0.0.1:" + nodes.port("n1"), words);
  }

  @Test
  void aTaskIsGivenANodeWithTheReasonsAgainstTheOthers() {
    await()
        .atMost(Nodes.SOON)
        .until(() -> cli("node", "choose", "cpus").out(), out -> out.contains("yes"));
    var nowhere = cli("node", "choose", "training");
    assertThat(nowhere.code()).isEqualTo(1);
    assertThat(nowhere.out()).contains("NO_GPU_NODE");
    var answer = nodes.get("n1", "/v1/placement/cpus?excluded_node_ids=n1");
    assertThat(answer.path("chosen")).isEmpty();
    assertThat(answer.path("nodes").path(0).path("reason").asText()).isEqualTo("EXCLUDED");
    assertThat(cli("node", "choose", "cooking").code()).isEqualTo(2);
  }

  @Test
  void gamesAreQueuedByHandAndBadOrdersAreRefusedByField() {
    var queued = cli("selfplay", "play", "hex5_2p", "--games", "20", "--engine", "random");
    assertThat(queued.code()).as(queued.err()).isZero();
    assertThat(queued.out()).contains("20 games of hex5_2p, engine random, are queued as 1 items");
    var none = cli("selfplay", "play", "hex5_2p", "--games", "0");
    assertThat(none.code()).isEqualTo(2);
    assertThat(none.err()).contains("games", "\"0\"", "1 to 1000000");
    var unknown = cli("selfplay", "play", "hex5_2p", "--games", "1", "--engine", "telepathy");
    assertThat(unknown.code()).isEqualTo(2);
    assertThat(unknown.err()).contains("engine_mode", "telepathy", "gumbel-mcts");
    var board = cli("selfplay", "play", "chess_2p", "--games", "1");
    assertThat(board.code()).isEqualTo(2);
    assertThat(board.err()).contains("config_key", "chess_2p");
    String order = "{\"config_key\": \"hex5_2p\", \"games\": %d}";
    assertThat(nodes.code("n1", "POST", "/v1/selfplay/games", order.formatted(-1))).isEqualTo(400);
    assertThat(nodes.code("n1", "POST", "/v1/selfplay/games", order.formatted(1))).isEqualTo(200);
  }

  @Test
  void aNodeThatAloneHoldsAFileMayNotGo() throws IOException {
    Path file = folder.resolve("n1").resolve("data").resolve("games").resolve("x.db");
    Files.createDirectories(file.getParent());
    Files.writeString(file, "a game");
    var copies = cli("sync", "copies", "n1");
    assertThat(copies.code()).as(copies.err()).isEqualTo(1);
    assertThat(copies.out()).contains("games/x.db has 0 of 1", "n1 may NOT go");
    var answer = nodes.get("n1", "/v1/sync/copies?node_id=n1");
    assertThat(answer.path("total_too_few").asInt()).as(answer.toString()).isEqualTo(1);
    assertThat(cli("sync", "copies", "nobody").code()).isEqualTo(4);
    var verified = cli("sync", "verify");
    assertThat(verified.code()).as("there is no other node").isZero();
    assertThat(verified.out()).contains("sound: 1 of 1 files have their copies");
  }

  private int work(String verb, String body) {
    return nodes.code("n1", "POST", "/v1/work" + verb, body);
  }

  private static String item(String requestId, String body) {
    return "{\"request_id\":\"" + requestId + "\",\"items\":[" + body + "]}";
  }

  @Test
  void theQueueAnswersWithTheCodeThatFits() {
    String good = "{\"work_type\":\"selfplay\"}";
    assertThat(work("", item("r1", good))).isEqualTo(200);
    assertThat(work("", item("r1", good))).as("the same again").isEqualTo(200);
    assertThat(work("", item("r1", "{\"work_type\":\"training\"}")))
        .as("another under a used id")
        .isEqualTo(409);
    assertThat(work("", item("r2", "{\"work_type\":\"no such type!\"}"))).isEqualTo(400);
    assertThat(work("", "{not json")).isEqualTo(400);
    assertThat(nodes.code("n1", "GET", "/v1/work/nothing", "")).isEqualTo(404);
    assertThat(work("/nothing:cancel", "{}")).isEqualTo(404);
    assertThat(work(":claim", "{}")).as("a worker without a name").isEqualTo(400);
    String claim = "{\"claim\":{\"work_id\":\"nothing\",\"claim_token\":1";
    assertThat(work(":complete", claim + "}}")).as("nobody's claim").isEqualTo(400);
    assertThat(work(":complete", claim + ",\"worker_id\":\"w\"}}")).isEqualTo(404);
    assertThat(nodes.code("n1", "GET", "/v1/work?page_size=-1", "")).isEqualTo(400);
    assertThat(nodes.code("n1", "GET", "/v1/work:stats", "")).isEqualTo(200);
    assertThat(nodes.code("n1", "DELETE", "/v1/work", "")).isEqualTo(405);
  }

  @Test
  void thePlansExitCodeTellsWhetherSomethingWouldMove() throws IOException, InterruptedException {
    assertThat(cli("loop", "pause", "data_sync").code()).isZero();
    assertThat(cli("sync", "plan").code()).isZero();
    nodes.start("worker").awaitReady();
    await()
        .atMost(Nodes.SOON)
        .until(() -> cli("cluster", "members").out(), out -> out.contains("worker"));
    Path file = folder.resolve("worker").resolve("data").resolve("games").resolve("x.db");
    Files.createDirectories(file.getParent());
    Files.writeString(file, "not a database, and copied all the same");
    await().atMost(Nodes.SOON).until(() -> cli("sync", "plan").code() == 1);
    assertThat(cli("sync", "plan").out()).containsPattern("worker +n1 +1 +39 B");
    String silent = "127.0.0.1:" + FreePorts.one();
    assertThat(CommandLines.run(silent, "sync", "plan", "--timeout", "0.5").code()).isEqualTo(255);
  }

  private ClusterClient client() {
    return new ClusterClient(
        List.of(new Endpoint("127.0.0.1", nodes.port("n1"))),
        Optional.empty(),
        Duration.ofSeconds(20));
  }

  private void ledger(Command.Builder command) {
    var request = ApplyCommandRequest.newBuilder().setCommand(command).build();
    try (var client = client()) {
      var _ = client.call(c -> StateServiceGrpc.newBlockingStub(c).applyCommand(request));
    }
  }

  /// A run that ended with a model, as the ledger knows it; nobody has to train for it.
  private String trained(int number) {
    String id = "t" + number;
    var file =
        TrainingFile.newBuilder()
            .setPath("selfplay/hex5_2p/g" + number + ".db")
            .setSha256("%064x".formatted(number));
    var run =
        TrainingRun.newBuilder()
            .setTrainingId(id)
            .setConfigKey("hex5_2p")
            .setKind("nnue")
            .setWorkload("hex-train")
            .setGames(100)
            .setTotalGames(100)
            .addFiles(file);
    ledger(Command.newBuilder().setBeginTraining(BeginTraining.newBuilder().setRun(run)));
    var model =
        Model.newBuilder()
            .setPath("models/hex5_2p/" + id + ".bin")
            .setSha256("%02d".formatted(number).repeat(32));
    ledger(
        Command.newBuilder()
            .setEndTraining(EndTraining.newBuilder().setTrainingId(id).setModel(model)));
    return "hex5_2p-" + "%02d".formatted(number).repeat(6);
  }

  @Test
  void aRollbackPutsTheModelBeforeIntoOffice() {
    List.of("training", "validation", "rating_games").forEach(loop -> cli("loop", "pause", loop));
    assertThat(cli("model", "rollback", "hex5_2p").code()).isEqualTo(1);
    String first = trained(1);
    String second = trained(2);
    assertThat(cli("model", "promote", first).code()).isZero();
    assertThat(cli("model", "promote", second).code()).isZero();
    var stale = cli("model", "rollback", "hex5_2p", "--from", first);
    assertThat(stale.code()).as(stale.out()).isEqualTo(1);
    var done = cli("model", "rollback", "hex5_2p", "--from", second);
    assertThat(done.code()).as(done.err()).isZero();
    assertThat(cli("model", "history", "--limit", "1").out()).contains(first);
  }
}
