package io.ringrift.node;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.List;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Every loop of a whole node, which leads, by request: SPEC 5.7 and 6.
@Timeout(90)
class EveryLoopTest {
  /// Their rounds last for as long as nobody has work, or none reports.
  private static final List<String> LONG_POLLS = List.of("worker_pull", "process_reports");

  private final Nodes nodes;

  EveryLoopTest(@TempDir Path folder) {
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

  private JsonNode post(String loop, String verb) {
    return nodes.call("n1", "POST", "/v1/loops/" + loop + ":" + verb, "{}");
  }

  private List<String> names() {
    return nodes.get("n1", "/v1/loops").path("loops").findValuesAsText("name");
  }

  @Test
  void everyLoopIsPausedRunAndResumedAndCountsIt() {
    var names = names();
    assertThat(names).hasSizeGreaterThan(25);
    var softly = new SoftAssertions();
    for (String name : names) {
      var paused = post(name, "pause").path("loop");
      softly.assertThat(paused.path("state").asText()).as(name).isEqualTo("paused");
      if (!LONG_POLLS.contains(name)) {
        var run = post(name, "run");
        var loop = run.path("loop");
        softly
            .assertThat(loop.path("total_runs").asLong())
            .as(name + run)
            .isGreaterThan(paused.path("total_runs").asLong());
        softly.assertThat(loop.path("consecutive_errors").asInt()).as(name + run).isZero();
        softly.assertThat(loop.path("last_success_time").asText()).as(name).isNotEmpty();
      }
      var resumed = post(name, "resume").path("loop");
      softly.assertThat(resumed.path("state").asText()).as(name).isEqualTo("running");
      softly.assertThat(resumed.path("healthy").asBoolean()).as(name).isTrue();
    }
    softly.assertAll();
    assertThat(nodes.get("n1", "/status").path("loops").path("self_healing").path("message"))
        .hasToString("\"operational\"");
  }

  @Test
  void everyLoopIsResetAndStartedAnew() {
    var softly = new SoftAssertions();
    for (String name : names()) {
      post(name, "pause");
      var restarted = post(name, "restart");
      softly
          .assertThat(restarted.path("loop").path("state").asText())
          .as(name + restarted)
          .isEqualTo("paused");
      var reset = post(name, "reset").path("loop");
      softly.assertThat(reset.path("total_runs").asLong()).as(name).isZero();
      softly.assertThat(reset.path("last_success_time").asText()).as(name).isEmpty();
    }
    softly.assertAll();
    assertThat(post("nothing", "run").path("error_code").asText()).isEqualTo("LOOP_NOT_FOUND");
  }

  @Test
  void theStatusHasABlockOfWhatLoopsCountAndNoBlockFails() {
    var status = nodes.get("n1", "/status");
    assertThat(status.path("metrics").fieldNames())
        .toIterable()
        .contains(
            "gossip_metrics",
            "distributed_training",
            "leader_consensus",
            "peer_reputation",
            "sync_intervals",
            "tournament_scheduling",
            "swim_raft",
            "partition",
            "background_loops",
            "voter_health",
            "cluster_observability");
    assertThat(status.path("metric_errors")).isEmpty();
    var metrics = status.path("metrics");
    assertThat(metrics.path("sync_intervals").path("data_sync_seconds").asDouble()).isPositive();
    assertThat(metrics.path("distributed_training").has("runs_begun")).isTrue();
    assertThat(metrics.path("tournament_scheduling").has("validation_gates_passed")).isTrue();
    assertThat(metrics.path("partition").has("last_leaders_seen")).isTrue();
    assertThat(metrics.path("swim_raft").path("membership_mode").asText()).isEqualTo("http");
  }
}
