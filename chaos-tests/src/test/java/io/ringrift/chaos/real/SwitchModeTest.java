package io.ringrift.chaos.real;

import static io.ringrift.chaos.real.RealCluster.soon;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringrift.election.v1.ElectionServiceGrpc;
import io.ringrift.election.v1.GetLeadershipRequest;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.node.client.ClusterClient;
import io.ringrift.node.local.LocalCluster;
import io.ringrift.state.v1.ListVotersRequest;
import io.ringrift.state.v1.ModeServiceGrpc;
import io.ringrift.state.v1.SwitchModeRequest;
import io.ringrift.state.v1.VoterServiceGrpc;
import io.ringrift.state.v1.VoterState;
import io.ringrift.status.v1.GetStatusRequest;
import io.ringrift.status.v1.StatusServiceGrpc;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A running cluster changes its mode of consensus under work.
@Timeout(300)
class SwitchModeTest {
  @TempDir private static Path folder;

  private static LocalCluster cluster;
  private QueueTraffic traffic;

  @BeforeAll
  static void make() throws IOException {
    cluster = RealCluster.cluster(folder.resolve("cluster"), "");
  }

  /// Every test leaves the cluster in mode bully; one that does not is named by the next.
  @BeforeEach
  void start() throws IOException {
    traffic = new QueueTraffic(cluster);
    for (String node : cluster.nodes()) {
      if (!cluster.running(node)) {
        cluster.start(node);
      }
    }
    soon()
        .alias("what the test before left: mode bully, three voters alive, a leader")
        .until(
            () ->
                cluster.nodes().stream().allMatch(node -> mode(node).equals("bully"))
                    && voters() == 3
                    && epoch() > 0);
  }

  @AfterEach
  void end() throws InterruptedException {
    traffic.end();
  }

  @AfterAll
  static void close() {
    cluster.close();
  }

  private ClusterClient client() {
    return traffic.client();
  }

  private void switchTo(String mode) {
    try (var client = client()) {
      var request = SwitchModeRequest.newBuilder().setTargetMode(mode).build();
      var answer = client.call(c -> ModeServiceGrpc.newBlockingStub(c).switchMode(request));
      assertThat(answer.getStateHashesMap().values().stream().distinct()).hasSize(1);
      assertThat(answer.getStateHashesMap()).hasSize(3);
    }
    soon().until(() -> mode.equals(mode()));
  }

  private String mode() {
    return mode(client());
  }

  private String mode(String node) {
    var at = List.of(cluster.address(node));
    return mode(new ClusterClient(at, Optional.empty(), Duration.ofSeconds(60)));
  }

  private static String mode(ClusterClient asked) {
    try (var client = asked) {
      return client
          .call(
              c ->
                  StatusServiceGrpc.newBlockingStub(c)
                      .getStatus(GetStatusRequest.getDefaultInstance()))
          .getConsensusMode();
    } catch (Refusal beginning) {
      return "";
    }
  }

  /// That answer just now.
  private long voters() {
    try (var client = client()) {
      return client
          .call(
              c ->
                  VoterServiceGrpc.newBlockingStub(c)
                      .listVoters(ListVotersRequest.getDefaultInstance()))
          .getVotersList()
          .stream()
          .filter(VoterState::getAlive)
          .count();
    } catch (Refusal beginning) {
      return 0;
    }
  }

  /// A node that begins again may not know yet who leads.
  private long epochAbove(long before) {
    return soon().until(this::epoch, epoch -> epoch > before);
  }

  /// 0 while the node that answers knows no leader.
  private long epoch() {
    try (var client = client()) {
      var leadership =
          client.call(
              c ->
                  ElectionServiceGrpc.newBlockingStub(c)
                      .getLeadership(GetLeadershipRequest.getDefaultInstance()));
      return leadership.getLeaderId().isEmpty() ? 0 : leadership.getEpoch();
    }
  }

  @Test
  void nothingIsLostOrDoneTwiceWhileTheModeChangesUnderWork() {
    traffic.begin();
    long before = epochAbove(0);
    for (String mode : List.of("raft", "hybrid", "bully")) {
      switchTo(mode);
      traffic.awaitProgress();
      before = epochAbove(before);
    }
    traffic.requireNothingLostOrTwice();
  }

  @Test
  void changeThatNotEveryVoterCanFollowIsRefusedAndNothingChanges()
      throws IOException, InterruptedException {
    try (var client = client()) {
      traffic.submitOne(client);
      cluster.kill("n1");
      var request = SwitchModeRequest.newBuilder().setTargetMode("raft").build();
      assertThatThrownBy(
              () -> client.call(c -> ModeServiceGrpc.newBlockingStub(c).switchMode(request)))
          .isInstanceOfSatisfying(
              Refusal.class, r -> assertThat(r.reason()).isEqualTo(Reason.SWITCH_REFUSED));
      traffic.submitOne(client);
      assertThat(mode()).isEqualTo("bully");
    }
  }
}
