package io.ringrift.chaos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.ringrift.chaos.ground.NodeJvm;
import io.ringrift.kernel.Refusal;
import io.ringrift.node.client.ClusterClient;
import io.ringrift.node.local.LocalCluster;
import io.ringrift.node.local.LocalSetup;
import io.ringrift.placement.v1.ListNodesRequest;
import io.ringrift.placement.v1.NodeView;
import io.ringrift.placement.v1.PlacementServiceGrpc;
import io.ringrift.queue.v1.GetQueueStatsRequest;
import io.ringrift.queue.v1.GetQueueStatsResponse;
import io.ringrift.queue.v1.QueueServiceGrpc;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Live mode against three nodes that want a token.
@Timeout(400)
final class LiveFaultsTest {
  private static final int BY_TERMINATION = 143;
  private static final String TOKEN = "a-token-of-the-deployment";

  /// Made before the clock of a test runs.
  private static final List<String> JVM = NodeJvm.flags();

  /// What the tests share: each leaves the deployment as it was.
  @TempDir private static Path shared;

  private static LocalCluster cluster;
  private static Path token;

  @TempDir private Path folder;

  @BeforeAll
  static void deploy() throws IOException {
    token = Files.writeString(shared.resolve("token"), TOKEN + "\n");
    var setup =
        LocalSetup.of(3, List.of(), 1)
            .withJvmFlags(JVM)
            .withConfig("security:\n  token_file: " + token + "\n");
    cluster = new LocalCluster(shared.resolve("cluster"), setup);
    for (String node : cluster.nodes()) {
      cluster.start(node);
    }
  }

  @BeforeEach
  void awaitDeployment() {
    await("what the test before left: three voters alive, none drained, and a leader")
        .atMost(Duration.ofMinutes(3))
        .pollInterval(Duration.ofMillis(200))
        .until(
            () ->
                alive() == 3
                    && nodes().stream().noneMatch(NodeView::getDraining)
                    && stats().isPresent());
  }

  @AfterAll
  static void end() {
    cluster.close();
  }

  private ClusterClient client() {
    return new ClusterClient(cluster.addresses(), Optional.of(TOKEN), Duration.ofSeconds(2));
  }

  private List<NodeView> nodes() {
    try (var client = client()) {
      return client
          .call(
              c ->
                  PlacementServiceGrpc.newBlockingStub(c)
                      .listNodes(ListNodesRequest.getDefaultInstance()))
          .getNodesList();
    } catch (Refusal starting) {
      return List.of();
    }
  }

  private long alive() {
    return nodes().stream().filter(n -> n.getVoter() && n.getState().equals("ALIVE")).count();
  }

  private Optional<GetQueueStatsResponse> stats() {
    try (var client = client()) {
      return Optional.of(
          client.call(
              c ->
                  QueueServiceGrpc.newBlockingStub(c)
                      .getQueueStats(GetQueueStatsRequest.getDefaultInstance())));
    } catch (Refusal starting) {
      return Optional.empty();
    }
  }

  private List<String> live(String... words) {
    var all = new ArrayList<>(List.of("run"));
    all.addAll(List.of(words));
    all.addAll(List.of("--allow-live", "--token-file", token.toString()));
    all.addAll(List.of("--report", folder.resolve("report").toString()));
    all.add("--address");
    all.add(String.join(",", cluster.addresses().stream().map(Object::toString).toList()));
    return all;
  }

  private int open() {
    GetQueueStatsResponse after = stats().orElseThrow();
    return after.getPending() + after.getClaimed() + after.getRunning();
  }

  private JsonNode evidence(String scenario) throws IOException {
    try (var files = Files.list(folder.resolve("report"))) {
      Path file =
          files
              .filter(each -> each.getFileName().toString().startsWith(scenario + "-live-"))
              .filter(each -> each.toString().endsWith(".json"))
              .findFirst()
              .orElseThrow();
      return new ObjectMapper().readTree(file.toFile());
    }
  }

  @Test
  void whatIsAllowedIsDoneToldAndTakenBack() throws IOException {
    var said = new StringWriter();
    var line = ChaosMain.commandLine().setOut(new PrintWriter(said, true));
    List<String> command = live("all", "--allow", "transfer,step-down,drain", "--duration", "4s");
    int code = line.execute(command.toArray(String[]::new));
    assertThat(code).as(said::toString).isZero();
    for (String word : List.of("load", "consumers", "transfer", "step-down", "drain")) {
      JsonNode run = evidence(word);
      assertThat(run.path("verdict").asText()).as(word).isEqualTo("kept");
      assertThat(run.toString()).doesNotContain(TOKEN);
      assertThat(run.at("/run/faults/0/effect").asText().isEmpty())
          .as(word)
          .isEqualTo(word.equals("load"));
    }
    awaitNobodyDrained();
    assertThat(open()).isZero();
  }

  /// A drain lifts itself ten seconds after it was set, and within five more.
  private void awaitNobodyDrained() {
    await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(() -> assertThat(nodes()).noneMatch(NodeView::getDraining));
  }

  @Test
  void aRunThatIsInterruptedTakesBackWhatItHasDone() throws Exception {
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(JVM);
    command.add(ChaosMain.class.getName());
    command.addAll(live("drain", "--allow", "drain", "--duration", "5m"));
    Path out = folder.resolve("out");
    Process run =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(out.toFile()).start();
    try {
      await()
          .atMost(Duration.ofSeconds(90))
          .pollInterval(Duration.ofMillis(100))
          .until(() -> !run.isAlive() || nodes().stream().anyMatch(NodeView::getDraining));
      assertThat(run.isAlive()).as(Files.readString(out)).isTrue();
      run.destroy();
      assertThat(run.waitFor(60, TimeUnit.SECONDS)).isTrue();
      assertThat(run.exitValue()).as(Files.readString(out)).isEqualTo(BY_TERMINATION);
      assertThat(Files.readString(out))
          .contains("interrupted: taking back")
          .doesNotContain("left behind");
      awaitNobodyDrained();
      assertThat(open()).isZero();
      assertThat(folder.resolve("report").resolve("junit.xml"))
          .content()
          .contains("not run: the run was interrupted");
    } finally {
      run.destroyForcibly();
    }
  }
}
