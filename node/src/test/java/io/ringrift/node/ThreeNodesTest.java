package io.ringrift.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Three whole nodes, and a fourth that only dials out.
@Timeout(120)
class ThreeNodesTest {
  private final Nodes nodes;

  ThreeNodesTest(@TempDir Path folder) {
    nodes = new Nodes(folder, "n1", "n2", "n3");
  }

  private static final String ONE_GAME =
      "{\"board_type\":\"hex5\",\"num_games\":1,\"engine_mode\":\"heuristic\"}";

  @BeforeEach
  void start() {
    nodes.start("n1");
    nodes.start("n2");
    nodes.start("n3");
  }

  @AfterEach
  void stop() {
    nodes.close();
  }

  @Test
  void clusterRunsAJobAndOutlivesItsLeader() {
    String first = nodes.leader();
    long epoch = nodes.get(first, "/status").path("epoch").asLong();
    String job = nodes.spawn(first, "");
    nodes.awaitComplete(first, job);

    nodes.stop(first);
    String second = nodes.leader();
    assertThat(second).isNotEqualTo(first);
    assertThat(nodes.get(second, "/status").path("epoch").asLong()).isGreaterThan(epoch);
    assertThat(nodes.jobState(second, job)).isEqualTo("JOB_STATE_COMPLETE");
    nodes.awaitComplete(second, nodes.spawn(second, ""));

    nodes.start(first);
    String own = "/v1/jobs/" + job;
    await()
        .atMost(Nodes.SOON)
        .until(() -> nodes.get(first, own).path("job").path("job_id").asText().equals(job));
  }

  @Test
  void followerAnswersReadsAndSendsWritesToTheLeader() {
    String leader = nodes.leader();
    String follower = leader.equals("n1") ? "n2" : "n1";
    String job = nodes.follow(follower, "/spawn/selfplay", ONE_GAME).path("job_id").asText();
    assertThat(job).isNotEmpty();
    await()
        .atMost(Nodes.SOON)
        .until(() -> nodes.get(follower, "/v1/jobs").toString().contains(job));
    var meta = nodes.get(follower, "/v1/jobs").path("meta");
    assertThat(meta.path("applied_index").asLong()).isPositive();
    assertThat(meta.path("leader_id").asText()).isEqualTo(leader);
    assertThat(meta.has("last_contact")).isTrue();
  }

  @Test
  void followerRefusesAWriteNamingTheLeadersAddress() {
    String leader = nodes.leader();
    String follower = leader.equals("n1") ? "n2" : "n1";
    var refusal = nodes.call(follower, "POST", "/spawn/selfplay", "{\"board_type\":\"hex5\"}");
    assertThat(refusal.path("error_code").asText()).isEqualTo("NOT_LEADER");
    assertThat(refusal.path("details").path("leader_id").asText()).isEqualTo(leader);
    assertThat(refusal.path("details").path("leader_address").asText())
        .isEqualTo("127.0.0.1:" + nodes.port(leader));
  }

  @Test
  void statusTellsWhatATesterNeeds() {
    String leader = nodes.leader();
    await()
        .atMost(Nodes.SOON)
        .until(() -> nodes.get(leader, "/status").path("voters_alive").asInt() == 3);
    var status = nodes.get(leader, "/status");
    assertThat(status.path("role").asText()).isEqualTo("LEADER");
    assertThat(status.path("lease_left_seconds").asDouble()).isBetween(0.0, 2.0);
    assertThat(status.path("boot_id").asText()).hasSize(16);
    assertThat(status.path("voter_node_ids")).hasSize(3);
    assertThat(status.path("voter_quorum_size").asInt()).isEqualTo(2);
    assertThat(status.path("voter_quorum_ok").asBoolean()).isTrue();
    assertThat(status.path("leader_id").asText()).isEqualTo(leader);
    assertThat(status.path("applied_index").asLong()).isPositive();
    assertThat(status.path("peers").path("n2").path("incarnation").isMissingNode()).isFalse();
    assertThat(status.path("managers").path("StateManager").path("healthy").asBoolean()).isTrue();
    assertThat(status.path("loops").path("job_dispatch").path("healthy").asBoolean()).isTrue();
    assertThat(status.path("metric_errors")).isEmpty();
    assertThat(status.path("settings").toString())
        .contains("\"name\":\"lease_duration\",\"value\":\"2s\",\"origin\":\"preset\"");
    var health = nodes.get(leader, "/health");
    assertThat(health.path("healthy").asBoolean()).isTrue();
    assertThat(health.path("role").asText()).isEqualTo("leader");
  }

  @Test
  void nodeThatOnlyDialsOutRunsJobs() {
    nodes.start("worker");
    String leader = nodes.leader();
    await()
        .atMost(Nodes.SOON)
        .until(() -> nodes.get(leader, "/v1/nodes").toString().contains("\"node_id\":\"worker\""));
    String job = nodes.spawn(leader, "worker");
    nodes.awaitComplete(leader, job);
    assertThat(nodes.get(leader, "/v1/jobs/" + job).path("job").path("node_id").asText())
        .isEqualTo("worker");
  }
}
