package io.ringrift.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A running cluster is asked to change to a mode in which a node could not run.
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
      assertThat(refusal(leader, mode))
          .contains("n2=[raft_enabled (--raft-enabled) is false")
          .doesNotContain("n1=", "n3=");
    }
    assertWorksOn(leader);
  }

  /// Found out behind the decision, it would end that node.
  @Test
  void voterWhosePortOfRaftIsTakenIsNamedWithTheHolderAndNothingChanges() throws IOException {
    nodes.start("n1");
    nodes.start("n2");
    nodes.start("n3");
    String leader = nodes.leader();
    int port = nodes.port("n2-raft");
    try (var _ = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
      assertThat(refusal(leader, "raft"))
          .contains("n2=[cannot listen on 127.0.0.1:" + port)
          .contains("process " + ProcessHandle.current().pid(), "another raft_bind_port")
          .doesNotContain("n1=", "n3=");
    }
    assertWorksOn(leader);
  }

  private String refusal(String leader, String mode) {
    var refused =
        nodes.call(leader, "POST", "/v1/cluster:switchMode", "{\"target_mode\":\"" + mode + "\"}");
    assertThat(refused.path("error_code").asText()).isEqualTo("SWITCH_REFUSED");
    assertThat(refused.toString()).contains("not every node can go to " + mode);
    return refused.toString();
  }

  private void assertWorksOn(String leader) {
    assertThat(nodes.get(leader, "/status").path("consensus_mode").asText()).isEqualTo("bully");
    nodes.awaitComplete(leader, nodes.spawn(leader, ""));
  }
}
