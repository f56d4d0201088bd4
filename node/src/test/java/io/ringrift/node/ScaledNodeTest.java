package io.ringrift.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.ringrift.node.local.LocalScaler;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Scaling of a whole node by the local executor: a process of its own comes and goes.
@Timeout(150)
class ScaledNodeTest {
  private static final String ADDED = "n1-auto-1";

  /// The rounds are asked for, so that none comes while the added node is on its way.
  private static final String SCALING =
      """
      scaling: {mode: local, min_nodes: 1, max_nodes: 2, up_above: 1.5, down_below: 1, cooldown: 0s}
      loops: {auto_scaling: 1h}
      """;

  private final Path folder;
  private final Nodes nodes;

  ScaledNodeTest(@TempDir Path folder) {
    this.folder = folder;
    this.nodes = new Nodes(folder, "n1");
  }

  @AfterEach
  void stop() {
    nodes.close();
    // A node of the scaler's outlives its leader; this finds it only when the test failed.
    new LocalScaler(nodes.config("n1", Map.of())).remove(ADDED, "end of the test");
  }

  @Test
  void workThatWaitsBringsANodeThatIsDrainedAndEndedWhenItIsIdle()
      throws IOException, InterruptedException {
    Path yaml = folder.resolve("cluster.yaml");
    Files.writeString(yaml, Files.readString(yaml) + SCALING);
    nodes.start("n1").awaitReady();
    List<String> waiting = submit(4);
    round();

    soon().until(() -> view().path("state").asText().equals("ALIVE") && view().has("facts"));
    long pid = pid();
    assertThat(ProcessHandle.of(pid)).hasValueSatisfying(p -> assertThat(p.isAlive()).isTrue());
    assertThat(pid).isNotEqualTo(ProcessHandle.current().pid());
    assertThat(view().path("voter").asBoolean()).isFalse();
    String job = nodes.spawn("n1", ADDED);
    nodes.awaitComplete("n1", job);
    assertThat(nodes.get("n1", "/v1/jobs/" + job).path("job").path("node_id").asText())
        .isEqualTo(ADDED);
    round();
    assertThat(kinds()).as("there are as many as there may be").containsOnlyOnce("SCALE_UP");

    waiting.forEach(this::cancel);
    soon().until(() -> drained().contains(ADDED) || round());
    assertThat(ended(pid)).as("ended before it was drained").isFalse();
    soon().until(() -> ended(pid) || round());
    soon().until(() -> memberState().equals("MEMBER_STATE_LEFT"));
    soon().until(() -> drained().isEmpty() || round());
    assertThat(kinds()).containsOnlyOnce("SCALE_UP").containsOnlyOnce("SCALE_DOWN");
    assertThat(nodes.ready("n1")).isTrue();
  }

  private static ConditionFactory soon() {
    return await().atMost(Nodes.SOON);
  }

  /// Items that nobody here can do.
  private List<String> submit(int items) {
    String each = "{\"work_type\":\"survey\"}";
    var answer =
        nodes.call(
            "n1",
            "POST",
            "/v1/work",
            "{\"request_id\":\"much\",\"items\":["
                + String.join(",", Collections.nCopies(items, each))
                + "]}");
    var ids = new ArrayList<String>();
    answer.path("items").forEach(item -> ids.add(item.path("work_id").asText()));
    assertThat(ids).as(answer.toString()).hasSize(items);
    return ids;
  }

  private long pid() throws IOException {
    Path process = nodes.stateDir("n1").resolve("scaled").resolve(ADDED).resolve("process");
    return Long.parseLong(Files.readString(process).strip().split(" ", 2)[0]);
  }

  /// What the leader's placement knows of the added node; nothing before it has joined.
  private JsonNode view() {
    return one(nodes.get("n1", "/v1/nodes").path("nodes"));
  }

  private String memberState() {
    return one(nodes.get("n1", "/v1/members").path("members")).path("state").asText();
  }

  private static JsonNode one(JsonNode list) {
    for (JsonNode each : list) {
      if (each.path("node_id").asText().equals(ADDED)) {
        return each;
      }
    }
    return MissingNode.getInstance();
  }

  private List<String> drained() {
    var names = new ArrayList<String>();
    nodes.get("n1", "/v1/state").path("draining").forEach(name -> names.add(name.asText()));
    return names;
  }

  private List<String> kinds() {
    return nodes.get("n1", "/v1/events:list?page_size=1000").findValuesAsText("kind");
  }

  private static boolean ended(long pid) {
    return ProcessHandle.of(pid).map(p -> !p.isAlive()).orElse(true);
  }

  /// @return false, for there is more to do
  private boolean round() {
    var loop = nodes.call("n1", "POST", "/v1/loops/auto_scaling:run", "{}").path("loop");
    assertThat(loop.path("consecutive_errors").asInt(-1)).as(loop.toString()).isZero();
    return false;
  }

  private void cancel(String id) {
    var cancelled = nodes.call("n1", "POST", "/v1/work/" + id + ":cancel", "{}");
    assertThat(cancelled.has("item")).as(cancelled.toString()).isTrue();
  }
}
