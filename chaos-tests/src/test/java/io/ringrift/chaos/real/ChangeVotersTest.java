package io.ringrift.chaos.real;

import static io.ringrift.chaos.real.RealCluster.SOON;
import static io.ringrift.chaos.real.RealCluster.soon;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.ringrift.election.v1.ElectionServiceGrpc;
import io.ringrift.election.v1.GetLeadershipRequest;
import io.ringrift.election.v1.GetLeadershipResponse;
import io.ringrift.kernel.Reason;
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
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
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
    var _ = RealCluster.leader(cluster, List.of("n1", "n2", "n3"));
    soon().until(() -> voters("n4").equals(List.of("n1", "n2", "n3")));
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

  private void add(String node) {
    var request = AddVoterRequest.newBuilder().setNodeId(node).build();
    try (var client = traffic.client()) {
      var _ = client.call(c -> VoterServiceGrpc.newBlockingStub(c).addVoter(request));
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
      soon().atMost(BEGIN_AGAIN).until(() -> voters(node).equals(expected));
    }
  }

  private long epoch(String... nodes) {
    return leadership(RealCluster.leader(cluster, List.of(nodes))).getEpoch();
  }

  @ParameterizedTest
  @ValueSource(strings = {"bully", "raft"})
  void deadVoterIsReplacedUnderWorkAndItsReturnElectsNobody(String consensus)
      throws IOException, InterruptedException {
    start(consensus);
    traffic.begin();
    cluster.kill("n3");
    assertRefused(() -> remove("n1"), Reason.VOTERS_REFUSED); // n2 alone is no majority of n2, n3
    remove("n3");
    awaitVoters(List.of("n1", "n2"), "n1", "n2", "n4");
    long removed = epoch("n1", "n2");
    traffic.awaitProgress();
    add("n4");
    awaitVoters(List.of("n1", "n2", "n4"), "n1", "n2", "n4");
    long added = epoch("n1", "n2", "n4");
    assertThat(added).isGreaterThan(removed);
    traffic.awaitProgress();

    // the newcomer counts
    cluster.kill("n1");
    traffic.awaitProgress();
    long counted = epoch("n2", "n4");
    assertThat(counted).isGreaterThanOrEqualTo(added);

    // n2 and n3 are a majority of the first list, which n3 still goes by when it comes back
    cluster.kill("n4");
    soon().until(() -> !RealCluster.leads(cluster, "n2"));
    start1("n3");
    soon().until(() -> requireNoLeader() && voters("n3").equals(List.of("n1", "n2", "n4")));
    await().during(Duration.ofSeconds(4)).atMost(SOON).until(this::requireNoLeader);

    start1("n4");
    start1("n1");
    traffic.awaitProgress();
    awaitVoters(List.of("n1", "n2", "n4"), "n1", "n2", "n3", "n4");
    assertThat(epoch("n1", "n2", "n4")).isGreaterThanOrEqualTo(counted);
    traffic.requireNothingLostOrTwice();
    assertThat(cluster.crashed()).isEmpty();
    assertListIsKeptOverARestart();
  }

  private static void assertRefused(ThrowingCallable call, Reason reason) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            Refusal.class, refusal -> assertThat(refusal.reason()).isEqualTo(reason));
  }

  private boolean requireNoLeader() {
    for (String node : List.of("n2", "n3")) {
      assertThat(RealCluster.leads(cluster, node)).as(node + " leads").isFalse();
    }
    return true;
  }

  private void assertListIsKeptOverARestart() throws IOException, InterruptedException {
    cluster.killAll(cluster.nodes());
    for (String node : cluster.nodes()) {
      start1(node);
    }
    var _ = RealCluster.leader(cluster, List.of("n1", "n2", "n4"));
    awaitVoters(List.of("n1", "n2", "n4"), "n1", "n2", "n3", "n4");
    assertThat(cluster.log("n2")).content().contains("the cluster's list is in force");
  }

  @Test
  void leaderThatIsRemovedHandsOverAndWorksOn() throws IOException {
    start("bully");
    traffic.begin();
    String leader = RealCluster.leader(cluster, List.of("n1", "n2", "n3"));
    remove(leader);
    var rest = List.of("n1", "n2", "n3").stream().filter(n -> !n.equals(leader)).toList();
    awaitVoters(rest, "n1", "n2", "n3", "n4");
    traffic.awaitProgress();
    assertRefused(() -> remove("n4"), Reason.INVALID_ARGUMENT);
    add(leader);
    awaitVoters(List.of("n1", "n2", "n3"), "n1", "n2", "n3", "n4");
    traffic.awaitProgress();
    traffic.requireNothingLostOrTwice();
    assertThat(cluster.crashed()).isEmpty();
  }
}
