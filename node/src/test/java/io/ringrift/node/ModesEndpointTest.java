package io.ringrift.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// What a node tells of SWIM and Raft over HTTP, whether they run or not (SPEC 7.4).
@Timeout(90)
class ModesEndpointTest {
  private static final Map<String, String> NEITHER =
      Map.of("membership_mode", "http", "consensus_mode", "bully");
  private static final Map<String, String> BOTH =
      Map.of("membership_mode", "swim", "consensus_mode", "raft");
  private static final Map<String, String> HYBRID =
      Map.of("membership_mode", "hybrid", "consensus_mode", "hybrid");

  private final Nodes nodes;

  ModesEndpointTest(@TempDir Path folder) {
    nodes = new Nodes(folder, "n1");
  }

  @AfterEach
  void stop() {
    nodes.close();
  }

  private static List<String> fields(JsonNode object) {
    var names = new ArrayList<String>();
    object.fieldNames().forEachRemaining(names::add);
    return names;
  }

  private static void requireEverySwimField(JsonNode status) {
    assertThat(fields(status))
        .contains("node_id", "swim_enabled", "swim_available", "swim_started", "membership_mode")
        .contains("config", "summary", "timestamp");
    assertThat(fields(status.path("config")))
        .contains("bind_port", "failure_timeout", "suspicion_timeout", "ping_interval");
    assertThat(fields(status.path("summary"))).contains("members", "alive", "suspected", "failed");
    requireNow(status);
  }

  private static void requireEveryRaftField(JsonNode status) {
    assertThat(fields(status))
        .contains("node_id", "raft_enabled", "raft_available", "raft_initialized", "config")
        .contains("consensus_mode", "work_queue", "job_assignments", "cluster_health", "timestamp");
    assertThat(fields(status.path("config"))).contains("bind_port");
    for (String object : List.of("work_queue", "job_assignments")) {
      assertThat(fields(status.path(object)))
          .contains("available", "is_ready", "is_leader", "leader_address");
    }
    requireNow(status);
  }

  private static void requireNow(JsonNode status) {
    assertThat(status.path("timestamp").asDouble())
        .isBetween(Instant.now().getEpochSecond() - 60.0, Instant.now().getEpochSecond() + 60.0);
  }

  @Test
  void swimThatDoesNotRunIsToldWithEveryField() {
    nodes.start("n1", NEITHER);
    var status = nodes.get("n1", "/swim/status");
    requireEverySwimField(status);
    assertThat(status.path("node_id").asText()).isEqualTo("n1");
    assertThat(status.path("membership_mode").asText()).isEqualTo("http");
    assertThat(status.path("swim_enabled").asBoolean(true)).isFalse();
    assertThat(status.path("swim_available").asBoolean()).isTrue();
    assertThat(status.path("swim_started").asBoolean(true)).isFalse();
    var config = nodes.config("n1", NEITHER);
    var figures = status.path("config");
    assertThat(figures.path("bind_port").asInt()).isEqualTo(config.swim().bindPort());
    assertThat(figures.path("ping_interval").asDouble()).isBetween(0.1, 1.0);
    assertThat(figures.path("failure_timeout").asDouble())
        .isGreaterThan(figures.path("suspicion_timeout").asDouble());
    assertThat(status.path("summary").path("members").asInt(-1)).isZero();
  }

  @Test
  void membersOfSwimThatDoesNotRunAreNoneAndTheAnswerSaysWhy() {
    nodes.start("n1", NEITHER);
    var members = nodes.get("n1", "/swim/members");
    assertThat(members.path("swim_started").asBoolean(true)).isFalse();
    assertThat(members.path("members").isArray()).isTrue();
    assertThat(members.path("members")).isEmpty();
    assertThat(fields(members))
        .contains("node_id", "alive_count", "suspected_count", "failed_count");
    assertThat(members.path("message").asText()).contains("RINGRIFT_MEMBERSHIP_MODE is http");
    requireNow(members);
  }

  @Test
  void raftThatDoesNotRunIsToldWithEveryField() {
    nodes.start("n1", NEITHER);
    var status = nodes.get("n1", "/raft/status");
    requireEveryRaftField(status);
    assertThat(status.path("node_id").asText()).isEqualTo("n1");
    assertThat(status.path("consensus_mode").asText()).isEqualTo("bully");
    assertThat(status.path("raft_enabled").asBoolean(true)).isFalse();
    assertThat(status.path("raft_available").asBoolean()).isTrue();
    assertThat(status.path("raft_initialized").asBoolean(true)).isFalse();
    assertThat(status.path("config").path("bind_port").asInt())
        .isEqualTo(nodes.config("n1", NEITHER).raft().bindPort());
    assertThat(status.path("work_queue").path("available").asBoolean(true)).isFalse();
    assertThat(status.path("job_assignments").path("available").asBoolean(true)).isFalse();
    assertThat(status.path("cluster_health").asText()).isEqualTo("disabled");
  }

  @Test
  void swimThatRunsTellsItsMembers() {
    nodes.start("n1", BOTH);
    var status = nodes.get("n1", "/swim/status");
    requireEverySwimField(status);
    assertThat(status.path("swim_enabled").asBoolean()).isTrue();
    assertThat(status.path("swim_started").asBoolean()).isTrue();
    assertThat(status.path("membership_mode").asText()).isEqualTo("swim");
    assertThat(status.path("config").path("bind_port").asInt())
        .isEqualTo(nodes.config("n1", BOTH).swim().bindPort());
    assertThat(status.path("summary").path("members").asInt()).isEqualTo(1);
    assertThat(status.path("summary").path("alive").asInt()).isEqualTo(1);
    var members = nodes.get("n1", "/swim/members");
    assertThat(members.path("swim_started").asBoolean()).isTrue();
    assertThat(members.path("message").asText("absent")).isEmpty();
    assertThat(members.path("alive_count").asInt()).isEqualTo(1);
    var self = members.path("members").path(0);
    assertThat(self.path("id").asText()).isEqualTo("n1");
    assertThat(self.path("state").asText()).isEqualTo("alive");
    assertThat(self.path("address").asText()).isEqualTo("127.0.0.1:" + nodes.port("n1"));
  }

  @Test
  void raftThatRunsTellsWhoLeads() {
    nodes.start("n1", BOTH);
    await()
        .atMost(Nodes.SOON)
        .until(
            () -> nodes.get("n1", "/raft/status").path("cluster_health").asText(),
            health -> health.equals("healthy"));
    var status = nodes.get("n1", "/raft/status");
    requireEveryRaftField(status);
    assertThat(status.path("raft_enabled").asBoolean()).isTrue();
    assertThat(status.path("raft_initialized").asBoolean()).isTrue();
    assertThat(status.path("consensus_mode").asText()).isEqualTo("raft");
    assertThat(status.path("config").path("bind_port").asInt())
        .isEqualTo(nodes.config("n1", BOTH).raft().bindPort());
    for (String object : List.of("work_queue", "job_assignments")) {
      var replicated = status.path(object);
      assertThat(replicated.path("available").asBoolean()).isTrue();
      assertThat(replicated.path("is_ready").asBoolean()).isTrue();
      assertThat(replicated.path("is_leader").asBoolean()).isTrue();
      assertThat(replicated.path("leader_address").asText())
          .isEqualTo("127.0.0.1:" + nodes.port("n1"));
    }
  }

  /// The modes ask for both, but a node that nobody can dial runs without SWIM and is no voter.
  @Test
  void nodeThatOnlyDialsOutSaysWhyNeitherRuns() {
    nodes.start("worker", HYBRID);
    var swim = nodes.get("worker", "/swim/status");
    requireEverySwimField(swim);
    assertThat(swim.path("swim_enabled").asBoolean()).isTrue();
    assertThat(swim.path("swim_started").asBoolean(true)).isFalse();
    assertThat(nodes.get("worker", "/swim/members").path("message").asText())
        .contains("no advertised address");
    var raft = nodes.get("worker", "/raft/status");
    requireEveryRaftField(raft);
    assertThat(raft.path("raft_enabled").asBoolean()).isTrue();
    assertThat(raft.path("raft_initialized").asBoolean(true)).isFalse();
    assertThat(raft.path("work_queue").path("available").asBoolean(true)).isFalse();
    assertThat(raft.path("cluster_health").asText()).isEqualTo("unavailable");
  }
}
