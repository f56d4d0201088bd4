package io.ringrift.chaos.real;

import static io.ringrift.chaos.real.RealCluster.SOON;
import static io.ringrift.chaos.real.RealCluster.soon;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.ringrift.election.v1.ElectionServiceGrpc;
import io.ringrift.election.v1.GetLeadershipRequest;
import io.ringrift.election.v1.GetLeadershipResponse;
import io.ringrift.kernel.Refusal;
import io.ringrift.node.client.ClusterClient;
import io.ringrift.node.local.LocalCluster;
import io.ringrift.state.v1.AddVoterRequest;
import io.ringrift.state.v1.RemoveVoterRequest;
import io.ringrift.state.v1.VoterServiceGrpc;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A running cluster changes its voters under work: a dead one goes, a worker takes its place.
@Timeout(300)
class ChangeVotersTest {
  @TempDir private Path folder;

  /// Nodes begin again one after another, on a machine that does other things as well.
  private static final Duration BEGIN_AGAIN = Duration.ofMinutes(2);

  private static final List<String> FIRST = List.of("n1", "n2", "n3");
  private static final List<String> REPLACED = List.of("n1", "n2", "n4");

  private LocalCluster cluster;
  private QueueTraffic traffic;
  private String mode = "";

  @BeforeEach
  void prepare() throws IOException {
    cluster = RealCluster.cluster(folder.resolve("cluster"), "");
    cluster.add("n4");
    traffic = new QueueTraffic(cluster);
  }

  private void start(String consensus) throws IOException {
    mode = consensus;
    for (String node : cluster.nodes()) {
      start1(node);
    }
    var _ = RealCluster.leader(cluster, FIRST, BEGIN_AGAIN);
    soon().until(() -> voters("n4").equals(FIRST));
  }

  private void start1(String node) throws IOException {
    cluster.start(node, "--consensus-mode", mode);
  }

  @AfterEach
  void end() throws InterruptedException {
    traffic.end();
    cluster.close();
  }

  private GetLeadershipResponse leadership(String node) {
    try (var client =
        new ClusterClient(
            List.of(cluster.address(node)), Optional.empty(), Duration.ofSeconds(2))) {
      return client.call(
          c ->
              ElectionServiceGrpc.newBlockingStub(c)
                  .getLeadership(GetLeadershipRequest.getDefaultInstance()));
    } catch (Refusal beginning) {
      return GetLeadershipResponse.getDefaultInstance();
    }
  }

  private List<String> voters(String node) {
    return leadership(node).getVotersList();
  }

  /// @return whether it was a voter already
  private boolean add(String node) {
    var request = AddVoterRequest.newBuilder().setNodeId(node).build();
    try (var client = traffic.client()) {
      return client.call(c -> VoterServiceGrpc.newBlockingStub(c).addVoter(request)).getAlready();
    }
  }

  private void remove(String node) {
    var request = RemoveVoterRequest.newBuilder().setNodeId(node).build();
    try (var client = traffic.client()) {
      var _ = client.call(c -> VoterServiceGrpc.newBlockingStub(c).removeVoter(request));
    }
  }

  private void awaitVoters(List<String> expected, String... nodes) {
    for (String node : nodes) {
      soon()
          .atMost(BEGIN_AGAIN)
          .untilAsserted(
              () ->
                  assertThat(voters(node))
                      .as("as %s says; ended by themselves: %s", node, cluster.crashed())
                      .isEqualTo(expected));
    }
  }

  private long epoch(String... nodes) {
    return leadership(RealCluster.leader(cluster, List.of(nodes), BEGIN_AGAIN)).getEpoch();
  }

  @ParameterizedTest
  @ValueSource(strings = {"bully", "raft"}) // hybrid changes voters as raft does
  void votersAreReplacedUnderWorkAndWhoWasAwayElectsNobody(String consensus)
      throws IOException, InterruptedException {
    start(consensus);
    traffic.begin();
    replaceTheDead();
    List<String> rest = removeTheLeader();
    String first = rest.contains("n1") ? "n1" : "n2";
    String other = rest.stream().filter(n -> !n.equals(first)).findFirst().orElseThrow();
    assertWhoWasAwayElectsNobody(rest, first, other);
    start1(other);
    awaitVoters(rest, "n1", "n2", "n3", "n4");
    assertThat(cluster.log(other)).content().contains("the cluster's list is in force");
    traffic.awaitProgress();
    traffic.requireNothingLostOrTwice();
    assertThat(cluster.crashed()).isEmpty();
  }

  private void replaceTheDead() throws InterruptedException {
    cluster.kill("n3");
    remove("n3");
    awaitVoters(List.of("n1", "n2"), "n1", "n2", "n4");
    long removed = epoch("n1", "n2");
    traffic.awaitProgress();
    var _ = add("n4");
    awaitVoters(REPLACED, "n1", "n2", "n4");
    traffic.awaitProgress();
    assertThat(epoch("n1", "n2", "n4")).isGreaterThan(removed);
    assertThat(add("n4")).isTrue();
  }

  /// The newcomer counts from now on: either it led, or it is one of two.
  ///
  /// @return the voters that are left
  private List<String> removeTheLeader() {
    String leader = RealCluster.leader(cluster, REPLACED, BEGIN_AGAIN);
    remove(leader);
    List<String> rest = REPLACED.stream().filter(n -> !n.equals(leader)).toList();
    awaitVoters(rest, "n1", "n2", "n4");
    traffic.awaitProgress();
    return rest;
  }

  /// The first list, by which n3 comes back, has a majority here without the other voter.
  private void assertWhoWasAwayElectsNobody(List<String> rest, String first, String other)
      throws IOException, InterruptedException {
    cluster.kill(other);
    soon().until(() -> !RealCluster.leads(cluster, first));
    start1("n3");
    soon().atMost(BEGIN_AGAIN).until(() -> requireNoLeader(other) && voters("n3").equals(rest));
    await().during(Duration.ofSeconds(4)).atMost(SOON).until(() -> requireNoLeader(other));
  }

  private boolean requireNoLeader(String dead) {
    for (String node : cluster.nodes()) {
      assertThat(!node.equals(dead) && RealCluster.leads(cluster, node))
          .as(node + " leads")
          .isFalse();
    }
    return true;
  }
}
