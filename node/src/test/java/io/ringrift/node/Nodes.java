package io.ringrift.node;

import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.ringrift.node.config.ConfigLoader;
import io.ringrift.node.config.Env;
import io.ringrift.node.config.NodeConfig;
import io.ringrift.node.local.FreePorts;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/// Whole nodes on loopback inside the test's process, talked to over HTTP as curl would.
final class Nodes implements AutoCloseable {
  static final Duration SOON = Duration.ofSeconds(40);
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path folder;
  private final HttpClient http = HttpClient.newHttpClient();
  private final Map<String, Integer> ports = new LinkedHashMap<>();
  private final Map<String, String> settings = new LinkedHashMap<>();
  private final Map<String, NodeProcess> running = new LinkedHashMap<>();

  /// @param voters names; more nodes may be started that are none. Without any, one node is on its
  ///   own
  Nodes(Path folder, String... voters) {
    this.folder = folder;
    var yaml =
        new StringBuilder("cluster_id: test\ntiming: local\n")
            .append(voters.length == 0 ? "" : "voters:\n");
    for (String name : voters) {
      yaml.append(
          "  - {id: %s, host: 127.0.0.1, port: %d, raft_port: %d, swim_port: %d}\n"
              .formatted(name, port(name), port(name + "-raft"), port(name + "-swim")));
    }
    yaml.append(
        """
        hosts: {worker: {nat_blocked: true}}
        jobs: {max_jobs: 2}
        sync: {interval: 1s}
        workloads:
          hello:
            job_type: selfplay
            argv: ["/bin/sh", "-c", "echo hello from $RINGRIFT_JOB_ID on {output_dir}"]
        """);
    try {
      Files.writeString(folder.resolve("cluster.yaml"), yaml);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// A setting of every node that starts from now on.
  Nodes with(String key, String value) {
    settings.put(key, value);
    return this;
  }

  int port(String name) {
    return ports.computeIfAbsent(name, _ -> FreePorts.one());
  }

  NodeConfig config(String name, Map<String, String> more) {
    var flags = new LinkedHashMap<String, String>();
    flags.put("node_id", name);
    flags.put("port", Integer.toString(port(name)));
    flags.put("state_dir", stateDir(name).toString());
    flags.put("data_root", folder.resolve(name).resolve("data").toString());
    flags.put("log", "warn");
    flags.putAll(settings);
    flags.putAll(more);
    return ConfigLoader.load(Optional.of(folder.resolve("cluster.yaml")), new Env(Map.of()), flags);
  }

  Path stateDir(String name) {
    return folder.resolve(name).resolve("state");
  }

  NodeProcess start(String name) {
    return start(name, Map.of());
  }

  /// @param more settings of this start alone
  NodeProcess start(String name, Map<String, String> more) {
    var node = NodeProcess.start(config(name, more), () -> config(name, more));
    running.put(name, node);
    return node;
  }

  void stop(String name) {
    Objects.requireNonNull(running.remove(name)).close();
  }

  List<String> names() {
    return List.copyOf(running.keySet());
  }

  JsonNode call(String node, String method, String path, String body) {
    return call(http, node, method, path, body);
  }

  /// Posts as a client does that follows redirects, such as `curl -L`.
  JsonNode follow(String node, String path, String body) {
    try (var following =
        HttpClient.newBuilder().followRedirects(HttpClient.Redirect.NORMAL).build()) {
      return call(following, node, "POST", path, body);
    }
  }

  private JsonNode call(HttpClient client, String node, String method, String path, String body) {
    try {
      return JSON.readTree(send(client, node, method, path, body).body());
    } catch (IOException e) {
      return JSON.createObjectNode().put("error", e.toString());
    }
  }

  /// Status code of a call that follows no redirect.
  int code(String node, String method, String path, String body) {
    try {
      return send(http, node, method, path, body).statusCode();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private HttpResponse<String> send(
      HttpClient client, String node, String method, String path, String body) throws IOException {
    var request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port(node) + path))
            .timeout(Duration.ofSeconds(10))
            .header("Content-Type", "application/json")
            .method(method, HttpRequest.BodyPublishers.ofString(body))
            .build();
    try {
      return client.send(request, HttpResponse.BodyHandlers.ofString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  JsonNode get(String node, String path) {
    return call(node, "GET", path, "");
  }

  /// The one node that leads, once every running node agrees and it took up its duties.
  String leader() {
    return await()
        .atMost(SOON)
        .pollDelay(Duration.ZERO)
        .until(
            () -> {
              var named =
                  names().stream()
                      .map(n -> get(n, "/status").path("effective_leader_id").asText())
                      .distinct()
                      .toList();
              return named.size() == 1 ? named.getFirst() : "";
            },
            name -> running.containsKey(name) && ready(name));
  }

  boolean ready(String node) {
    return get(node, "/health/ready").path("ready").asBoolean();
  }

  /// Spawns one short self-play job at the leader.
  ///
  /// @return job id
  String spawn(String leader, String target) {
    var answer =
        call(
            leader,
            "POST",
            "/spawn/selfplay",
            "{\"board_type\":\"hex5\",\"num_games\":1,\"engine_mode\":\"heuristic\",\"target_node_id\":\""
                + target
                + "\"}");
    if (!answer.path("success").asBoolean()) {
      throw new AssertionError(answer.toString());
    }
    return answer.path("job_id").asText();
  }

  String jobState(String node, String job) {
    return get(node, "/v1/jobs/" + job).path("job").path("state").asText();
  }

  void awaitComplete(String leader, String job) {
    await()
        .atMost(SOON)
        .until(() -> jobState(leader, job), state -> state.equals("JOB_STATE_COMPLETE"));
  }

  @Override
  public void close() {
    running.values().forEach(NodeProcess::close);
    http.close();
  }
}
