package io.ringrift.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.netty.NettyChannelBuilder;
import io.ringrift.state.v1.DescribeVoterRequest;
import io.ringrift.state.v1.VoterServiceGrpc;
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
  private final Path folder;
  private Nodes nodes;

  SwitchRefusedTest(@TempDir Path folder) {
    this.folder = folder;
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

  /// It is its own one voter.
  @Test
  void nodeOnItsOwnIsRefusedAModeWhosePortIsTaken() throws IOException {
    nodes = new Nodes(folder);
    int port = nodes.port("n1-raft");
    nodes.start("n1", Map.of("raft_bind_port", Integer.toString(port)));
    String leader = nodes.leader();
    try (var _ = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
      assertThat(refusal(leader, "raft")).contains("n1=[cannot listen on 127.0.0.1:" + port);
    }
    assertWorksOn(leader);
  }

  @Test
  void nodeOnItsOwnThatListensForRaftIsNotInItsOwnWay() {
    nodes = new Nodes(folder);
    String port = Integer.toString(nodes.port("n1-raft"));
    nodes.start("n1", Map.of("raft_bind_port", port, "consensus_mode", "raft"));
    var channel =
        NettyChannelBuilder.forAddress("127.0.0.1", nodes.port("n1")).usePlaintext().build();
    try {
      var told =
          VoterServiceGrpc.newBlockingStub(channel)
              .describeVoter(DescribeVoterRequest.getDefaultInstance());
      assertThat(told.getObstaclesList()).noneMatch(why -> why.contains("cannot listen"));
    } finally {
      channel.shutdownNow();
    }
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
