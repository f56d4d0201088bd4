package io.ringrift.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.ringrift.node.cli.CommandLines;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A whole node whose file is edited while it runs.
@Timeout(90)
class ReloadedNodeTest {
  private static final String LEARNING =
      """
      training: {configs: [hex5_2p], min_games: 2000}
      selfplay: {configs: [hex5_2p, hex8_2p], curriculum_weights: {hex5_2p: 1.5}}
      """;

  private final Path file;
  private final Nodes nodes;

  ReloadedNodeTest(@TempDir Path folder) {
    this.file = folder.resolve("cluster.yaml");
    this.nodes = new Nodes(folder, "n1");
  }

  @BeforeEach
  void start() throws IOException, InterruptedException {
    Files.writeString(file, Files.readString(file) + LEARNING);
    nodes.start("n1").awaitReady();
  }

  @AfterEach
  void stop() {
    nodes.close();
  }

  private void edit(String from, String to) throws IOException {
    String text = Files.readString(file);
    assertThat(text).contains(from);
    Files.writeString(file, text.replace(from, to));
  }

  private JsonNode reload() {
    return nodes.call("n1", "POST", "/v1/config:reload", "{}");
  }

  private CommandLines.Result cli(String... words) {
    return CommandLines.run("127.0.0.1:" + nodes.port("n1"), words);
  }

  private String wantedGames() {
    for (JsonNode term :
        nodes.get("n1", "/v1/trainings/explain").path("readiness").path(0).path("terms")) {
      if (term.path("name").asText().equals("min_games")) {
        return term.path("wanted").asText();
      }
    }
    return "";
  }

  private double curriculum() {
    for (JsonNode weight : nodes.get("n1", "/v1/selfplay/weights").path("weights")) {
      for (JsonNode term : weight.path("terms")) {
        if (weight.path("config_key").asText().equals("hex5_2p")
            && term.path("name").asText().equals("curriculum")) {
          return term.path("value").asDouble();
        }
      }
    }
    return 0;
  }

  private String said(String workload) {
    var job =
        nodes.call(
            "n1", "POST", "/v1/jobs", "{\"spec\":{\"workload\":\"%s\"}}".formatted(workload));
    String id = job.path("job").path("job_id").asText();
    assertThat(id).as(job.toString()).isNotEmpty();
    nodes.awaitComplete("n1", id);
    return cli("job", "logs", id).out();
  }

  @Test
  void thresholdsWeightsAndTemplatesAreInForceAfterAReload() throws IOException {
    assertThat(wantedGames()).isEqualTo("at least 2000");
    assertThat(curriculum()).isEqualTo(2);
    assertThat(said("hello")).contains("hello from");
    edit("min_games: 2000", "min_games: 600");
    edit("hex5_2p: 1.5", "hex5_2p: 1.75");
    edit("echo hello from $RINGRIFT_JOB_ID on {output_dir}", "echo good evening");
    edit("workloads:", "workloads:\n  second: {job_type: selfplay, argv: [/bin/echo, second]}");
    assertThat(wantedGames()).as("nobody asked for it yet").isEqualTo("at least 2000");
    var answer = cli("config", "reload");
    assertThat(answer.code()).as(answer.err()).isZero();
    assertThat(answer.out())
        .containsPattern("n1 +training.min_games +2000 +600 +now")
        .containsPattern("n1 +selfplay.curriculum_weights.hex5_2p +1.5 +1.75 +now")
        .containsPattern("n1 +workloads.second.argv +- +/bin/echo second +now")
        .contains("workloads.hello.argv");
    assertThat(wantedGames()).isEqualTo("at least 600");
    assertThat(curriculum()).isEqualTo(3);
    assertThat(said("hello")).contains("good evening");
    await().atMost(Nodes.SOON).until(() -> said("second").contains("second"));
    assertThat(nodes.get("n1", "/v1/config").path("settings").toString())
        .contains("{\"name\":\"training.min_games\",\"value\":\"600\",\"origin\":\"file\"}");
    assertThat(cli("config", "reload").out()).contains("n1: nothing changed");
    await()
        .atMost(Nodes.SOON)
        .until(() -> cli("events").out(), text -> text.contains("CONFIG_RELOADED"));
  }

  @Test
  void aFileWithFaultsChangesNothingAndTellsAllOfThem() throws IOException {
    edit("min_games: 2000", "min_games: -1, new_games: 0, cooldown: soon");
    edit("hex5_2p: 1.5", "hex5_2p: 1.75, hex8_2p: 11");
    edit("{max_jobs: 2}", "{max_jobs: lots}");
    var refused = reload();
    assertThat(refused.path("error_code").asText()).isEqualTo("INVALID_ARGUMENT");
    var told = cli("config", "reload");
    assertThat(told.code()).isEqualTo(2);
    assertThat(told.err())
        .contains(
            "5 faults",
            "training.min_games",
            "training.new_games",
            "training.cooldown",
            "selfplay.curriculum_weights.hex8_2p",
            "jobs.max_jobs");
    assertThat(wantedGames()).isEqualTo("at least 2000");
    assertThat(curriculum()).as("though its own line is sound").isEqualTo(2);
  }

  @Test
  void whatNeedsARestartIsToldAndNotDone() throws IOException {
    edit("sync: {interval: 1s}", "sync: {interval: 3s}");
    var answer = cli("config", "reload");
    assertThat(answer.code()).isZero();
    assertThat(answer.out()).containsPattern("sync.interval +1s +3s +after a restart of the node");
    assertThat(nodes.get("n1", "/v1/config").path("settings").toString())
        .contains("{\"name\":\"sync.interval\",\"value\":\"1s\",\"origin\":\"file\"}");
  }

  @Test
  void aFileThatIsGoneChangesNothing() throws IOException {
    Files.delete(file);
    assertThat(reload().path("error_code").asText()).isEqualTo("INVALID_ARGUMENT");
    assertThat(wantedGames()).isEqualTo("at least 2000");
  }

  @Test
  void selfplayIsSwitchedOnWhileTheNodeRuns() throws IOException {
    edit(
        "selfplay: {configs",
        "selfplay: {enabled: true, workload: hello, min_memory_gb: 0, configs");
    assertThat(reload().path("applied").toString()).contains("selfplay.enabled");
    await()
        .atMost(Nodes.SOON)
        .until(
            () -> {
              nodes.call("n1", "POST", "/v1/loops/queue_populator:run", "{}");
              return nodes.get("n1", "/v1/work").toString().contains("selfplay");
            });
  }

  @Test
  void aNodeWithATokenIsReloadedByWhoHasIt() throws IOException, InterruptedException {
    nodes.stop("n1");
    try (var secured = NodeProcess.start(nodes.config("n1", Map.of("security.token", "sesame")))) {
      secured.awaitReady();
      assertThat(cli("config", "reload").code()).isNotZero();
      assertThat(cli("config", "reload", "--token", "sesame").code()).isZero();
    }
  }
}
