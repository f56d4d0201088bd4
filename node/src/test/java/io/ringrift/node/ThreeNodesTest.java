package io.ringrift.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.ringrift.node.config.ConfigLoader;
import io.ringrift.node.config.Env;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Three whole nodes on loopback in one process, talked to over HTTP as curl would.
@Timeout(120)
class ThreeNodesTest {
  private static final Duration SOON = Duration.ofSeconds(40);
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path folder;

  private final HttpClient http = HttpClient.newHttpClient();
  private final Map<String, Integer> ports = new LinkedHashMap<>();
  private final Map<String, NodeProcess> running = new LinkedHashMap<>();

  private void startAll() throws IOException {
    for (String name : new String[] {"n1", "n2", "n3"}) {
      try (var socket = new ServerSocket(0)) {
        ports.put(name, socket.getLocalPort());
      }
    }
    var yaml = new StringBuilder("cluster_id: test\ntiming: local\nvoters:\n");
    ports.forEach(
        (name, port) ->
            yaml.append("  - {id: %s, host: 127.0.0.1, port: %d}\n".formatted(name, port)));
    yaml.append(
        """
        jobs: {max_jobs: 2}
        sync: {interval: 1s}
        workloads:
          hello:
            job_type: selfplay
            argv: ["/bin/sh", "-c", "echo hello from $RINGRIFT_JOB_ID to {output_dir}"]
        """);
    Files.writeString(folder.resolve("cluster.yaml"), yaml);
    for (String name : ports.keySet()) {
      start(name);
    }
  }

  private void start(String name) {
    var flags =
        Map.of(
            "node_id",
            name,
            "state_dir",
            folder.resolve(name).resolve("state").toString(),
            "data_root",
            folder.resolve(name).resolve("data").toString(),
            "log",
            "warn");
    var config =
        ConfigLoader.load(Optional.of(folder.resolve("cluster.yaml")), new Env(Map.of()), flags);
    running.put(name, NodeProcess.start(config));
  }

  private void stop(String name) {
    Objects.requireNonNull(running.remove(name)).close();
  }

  @AfterEach
  void stopAll() {
    running.values().forEach(NodeProcess::close);
    http.close();
  }

  private JsonNode call(String node, String method, String path, String body) {
    var request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + ports.get(node) + path))
            .timeout(Duration.ofSeconds(10))
            .header("Content-Type", "application/json")
            .method(method, HttpRequest.BodyPublishers.ofString(body))
            .build();
    try {
      return JSON.readTree(http.send(request, HttpResponse.BodyHandlers.ofString()).body());
    } catch (IOException e) {
      return JSON.createObjectNode().put("error", e.toString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  private JsonNode get(String node, String path) {
    return call(node, "GET", path, "");
  }

  /// The one node that says it leads, once every running node agrees.
  private String leader() {
    return await()
        .atMost(SOON)
        .until(
            () -> {
              var named =
                  running.keySet().stream()
                      .map(n -> get(n, "/status").path("effective_leader_id").asText())
                      .distinct()
                      .toList();
              return named.size() == 1 ? named.getFirst() : "";
            },
            name -> !name.isEmpty() && running.containsKey(name));
  }

  private JsonNode spawn(String node) {
    return call(
        node,
        "POST",
        "/spawn/selfplay",
        "{\"board_type\":\"hex5\",\"num_games\":1,\"engine_mode\":\"heuristic\"}");
  }

  private String state(String node, String job) {
    return get(node, "/v1/jobs/" + job).path("job").path("state").asText();
  }

  @Test
  void clusterRunsAJobAndOutlivesItsLeader() throws IOException {
    startAll();
    String first = leader();
    long epoch = get(first, "/status").path("epoch").asLong();
    var follower = ports.keySet().stream().filter(n -> !n.equals(first)).findFirst().orElseThrow();

    assertThat(spawn(follower).path("error_code").asText()).isEqualTo("NOT_LEADER");
    await().atMost(SOON).until(() -> spawn(first).path("success").asBoolean());
    String job = spawn(first).path("job_id").asText();
    await()
        .atMost(SOON)
        .until(() -> state(first, job), state -> state.equals("JOB_STATE_COMPLETE"));

    stop(first);
    String second = leader();
    assertThat(second).isNotEqualTo(first);
    assertThat(get(second, "/status").path("epoch").asLong()).isGreaterThan(epoch);
    assertThat(state(second, job)).isEqualTo("JOB_STATE_COMPLETE");
    await().atMost(SOON).until(() -> spawn(second).path("success").asBoolean());

    start(first);
    await().atMost(SOON).until(() -> get(first, "/health/ready").path("ready").asBoolean());
    String own = "/v1/jobs/" + job + "?read_consistency=READ_CONSISTENCY_STALE";
    await()
        .atMost(SOON)
        .until(() -> get(first, own).path("job").path("job_id").asText().equals(job));
  }
}
