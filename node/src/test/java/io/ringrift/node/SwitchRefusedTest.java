package io.ringrift.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A running cluster is asked to change to a mode that the configuration of a node rules out.
@Timeout(120)
class SwitchRefusedTest {
  private final Nodes nodes;

  SwitchRefusedTest(@TempDir Path folder) {
    nodes = new Nodes(folder, "n1", "n2", "n3");
  }

  @AfterEach
  void stop() {
    nodes.close();
  }

  @Test
  void voterThatDisabledRaftIsNamedWithItsSettingAndNothingChanges() {
    nodes.start("n1");
    nodes.start("n2", Map.of("raft_enabled", "false"));
    nodes.start("n3");
    String leader = nodes.leader();
    for (String mode : List.of("raft", "hybrid")) {
      var refused =
          nodes.call(
              leader, "POST", "/v1/cluster:switchMode", "{\"target_mode\":\"" + mode + "\"}");
      assertThat(refused.path("error_code").asText()).isEqualTo("SWITCH_REFUSED");
      assertThat(refused.toString())
          .contains("not every node can go to " + mode)
          .contains("n2=[raft_enabled (--raft-enabled) is false")
          .doesNotContain("n1=", "n3=");
    }
    assertThat(nodes.get(leader, "/status").path("consensus_mode").asText()).isEqualTo("bully");
    nodes.awaitComplete(leader, nodes.spawn(leader, ""));
  }
}
