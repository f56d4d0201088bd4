package io.ringrift.chaos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.ringrift.chaos.ground.NodeJvm;
import io.ringrift.kernel.Endpoint;
import io.ringrift.kernel.Refusal;
import io.ringrift.node.client.ClusterClient;
import io.ringrift.node.local.LocalCluster;
import io.ringrift.node.local.LocalSetup;
import io.ringrift.queue.v1.GetQueueStatsRequest;
import io.ringrift.queue.v1.GetQueueStatsResponse;
import io.ringrift.queue.v1.QueueServiceGrpc;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(240)
final class ChaosMainTest {
  private static final String SHORT =
      """
      name: short
      description: the leader is cut off and comes back
      grounds: [process]
      not_on: {netns: a test, sim: a test}
      nodes: 3
      load: {clients: 3, kinds: [queue, jobs, files]}
      faults:
        - {kind: isolate, at: 1s, for: 4s, targets: leader}
      expect: {leader_within: 60s, recovered_within: 90s}
      """;

  /// Made before the clock of a test runs.
  private static final List<String> JVM = NodeJvm.flags();

  @TempDir private Path folder;
  private final StringWriter said = new StringWriter();

  private int chaos(String... words) {
    var line = ChaosMain.commandLine();
    line.setOut(new PrintWriter(said, true));
    line.setErr(new PrintWriter(said, true));
    return line.execute(words);
  }

  @Test
  void leaderThatIsCutOffCostsNothingThatWasPromisedAndTheReportSaysSo() throws IOException {
    Path scenario = folder.resolve("short.yaml");
    Files.writeString(scenario, SHORT);
    Path report = folder.resolve("report");
    int code = chaos("run", scenario.toString(), "--report", report.toString());
    assertThat(said.toString()).contains("short").contains("1 kept, 0 violated");
    assertThat(code).isZero();
    assertThat(Files.readString(report.resolve("junit.xml"))).contains("OneLeaderPerEpoch");
    assertThat(report.resolve("index.html")).exists();
    assertThat(status(report, "FilesAreIdenticalOrAbsent")).isEqualTo("KEPT");
    assertThat(status(report, "OneVotePerEpoch")).isEqualTo("KEPT");
    assertThat(status(report, "MembersConverge")).isEqualTo("KEPT");
    assertThat(evidence(report).path("run").path("finals"))
        .hasSize(3)
        .allMatch(node -> node.path("itemsTold").asBoolean());
    assertThat(status(report, "ReadsAreLinearizable")).isEqualTo("KEPT");
    assertThat(status(report, "StaleReadsAreOfThePast")).isEqualTo("KEPT");
    assertThat(status(report, "LeadersHaveAQuorum")).isEqualTo("KEPT");
    assertThat(syncs(report))
        .anyMatch(each -> each.startsWith("sync-run"))
        .anyMatch(each -> each.startsWith("sync-fetch"));
    assertThat(chaos("report", report.toString())).isZero();
  }

  private static JsonNode evidence(Path report) throws IOException {
    try (var files = Files.list(report)) {
      Path file = files.filter(each -> each.toString().endsWith(".json")).findFirst().orElseThrow();
      return new ObjectMapper().readTree(file.toFile());
    }
  }

  private static String status(Path report, String invariant) throws IOException {
    for (JsonNode result : evidence(report).path("results")) {
      if (result.path("name").asText().equals(invariant)) {
        return result.path("status").asText();
      }
    }
    return "no such invariant";
  }

  /// Who asked for sync and what became of it.
  private static Set<String> syncs(Path report) throws IOException {
    var asked = new HashSet<String>();
    for (JsonNode each : evidence(report).path("run").path("history").path("operations")) {
      if (each.path("kind").asText().equals("SYNC")) {
        asked.add(each.path("client").asText() + " " + each.path("outcome").asText());
      }
    }
    return asked;
  }

  @Test
  void groundThatCannotDoAScenarioSaysSoByNameAndReason() {
    int code = chaos("run", "skewed-clock", "--report", folder.toString());
    assertThat(code).isEqualTo(2);
    assertThat(said.toString())
        .contains("skewed-clock")
        .contains("not run: clock-rate does it there");
    for (String file : List.of("junit.xml", "index.html", "suite.json")) {
      assertThat(folder.resolve(file)).content().contains("clock-rate does it there");
    }
    assertThat(chaos("report", folder.toString())).isEqualTo(2);
    assertThat(said.toString()).contains("not run       skewed-clock: clock-rate");
  }

  @Test
  void deploymentOfAUserIsLeftAloneWithoutHisWord() {
    assertThat(chaos("run", "all", "--address", "127.0.0.1:1")).isEqualTo(2);
    assertThat(said.toString()).contains("nothing was done").contains("--allow-live");
    assertThat(chaos("run", "ring", "--address", "127.0.0.1:1", "--allow-live")).isEqualTo(2);
    assertThat(said.toString()).contains("SCENARIO").contains("ring").contains("cut links");
    assertThat(chaos("run", "ring", "--allow", "drain")).isEqualTo(2);
    assertThat(said.toString()).contains("need --address");
  }

  @Test
  void deploymentOfAUserIsLoadedCheckedAndLeftAsItWas() throws IOException {
    var setup = LocalSetup.of(1, List.of(), 1).withJvmFlags(JVM);
    try (var cluster = new LocalCluster(folder.resolve("cluster"), setup)) {
      cluster.start("n1");
      String address = cluster.address("n1").toString();
      await()
          .atMost(Duration.ofSeconds(90))
          .pollInterval(Duration.ofMillis(200))
          .until(() -> stats(address).isPresent());
      Path report = folder.resolve("live");
      String[] live = {"run", "--address", address, "--allow-live", "--duration", "3s"};
      assertThat(chaos(concat(live, "--report", report.toString()))).as(said::toString).isZero();
      GetQueueStatsResponse after = stats(address).orElseThrow();
      assertThat(after.getCompleted()).isPositive();
      assertThat(after.getPending() + after.getClaimed() + after.getRunning()).isZero();
      // One voter alone cannot be spared.
      int code =
          chaos(concat(live, "load", "step-down", "--allow", "step-down", "--report", "" + report));
      assertThat(code).as("no pass, although load was kept").isEqualTo(2);
      assertThat(said.toString())
          .contains("not run: \"step-down\" takes one voter")
          .contains("1 kept, 0 violated, 1 could not be done, 0 not for this ground or mode");
      assertThat(report.resolve("junit.xml")).content().contains("none can be spared");
    }
  }

  private static String[] concat(String[] words, String... more) {
    return Stream.concat(Stream.of(words), Stream.of(more)).toArray(String[]::new);
  }

  private static Optional<GetQueueStatsResponse> stats(String address) {
    var at = List.of(Endpoint.parse(address));
    try (var client = new ClusterClient(at, Optional.empty(), Duration.ofSeconds(2))) {
      return Optional.of(
          client.call(
              c ->
                  QueueServiceGrpc.newBlockingStub(c)
                      .getQueueStats(GetQueueStatsRequest.getDefaultInstance())));
    } catch (Refusal starting) {
      return Optional.empty();
    }
  }

  @Test
  void unknownScenarioAndUnknownSliceAreRefusedBeforeAnythingStarts() {
    assertThat(chaos("run", "nonsense")).isEqualTo(2);
    assertThat(chaos("run", "all", "--slice", "nonsense")).isEqualTo(2);
    assertThat(chaos("run", "all", "nonsense")).isEqualTo(2);
    assertThat(chaos("run", "kill-leader", "--slice", "ci")).isEqualTo(2);
    assertThat(said.toString())
        .contains("there is no scenario nonsense")
        .contains("--slice is \"nonsense\"")
        .contains("all stands alone")
        .contains("it chooses among all alone");
  }

  @Test
  void listNamesEveryScenarioAndWhyItIsNotOnAGround() {
    assertThat(chaos("list", "--why")).isZero();
    assertThat(said.toString())
        .contains("majority-minority")
        .contains("not on sim: forge: the simulation has no ports");
  }
}
