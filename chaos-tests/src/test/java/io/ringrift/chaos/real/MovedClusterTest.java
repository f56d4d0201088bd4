package io.ringrift.chaos.real;

import static io.ringrift.chaos.real.RealCluster.soon;
import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Channel;
import io.ringrift.chaos.ground.NodeJvm;
import io.ringrift.common.v1.ReadConsistency;
import io.ringrift.kernel.Endpoint;
import io.ringrift.kernel.Refusal;
import io.ringrift.node.client.ClusterClient;
import io.ringrift.node.local.LocalCluster;
import io.ringrift.queue.v1.ListWorkRequest;
import io.ringrift.queue.v1.QueueServiceGrpc;
import io.ringrift.queue.v1.SubmitWorkRequest;
import io.ringrift.queue.v1.WorkItem;
import io.ringrift.queue.v1.WorkSpec;
import io.ringrift.state.v1.AddVoterRequest;
import io.ringrift.state.v1.ListVotersRequest;
import io.ringrift.state.v1.ListVotersResponse;
import io.ringrift.state.v1.RemoveVoterRequest;
import io.ringrift.state.v1.VoterServiceGrpc;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// A cluster that has changed its voters is stopped, and started again with every node on other
/// ports: its state folders know the former addresses only.
@Timeout(900)
class MovedClusterTest {
  /// Nodes begin again one after another. Where the machine gives a node a second now and then
  /// only, its start takes minutes.
  private static final Duration BEGIN_AGAIN = Duration.ofMinutes(4);

  /// A voter that stands still for a second is no fault here.
  private static final String CONFIG = "raft_election_timeout: 4s\n";

  @TempDir private Path folder;

  private final List<LocalCluster> clusters = new ArrayList<>();

  /// Its cache is made before the clock of a test runs.
  @BeforeAll
  static void prepare() {
    var _ = NodeJvm.flags();
  }

  @AfterEach
  void end() {
    clusters.forEach(LocalCluster::close);
  }

  /// A file with new ports of every kind, over the same state folders.
  private LocalCluster started(String consensus, String membership) throws IOException {
    var cluster = RealCluster.cluster(folder.resolve("cluster"), CONFIG);
    clusters.add(cluster);
    for (String node : cluster.nodes()) {
      cluster.start(node, "--consensus-mode", consensus, "--membership-mode", membership);
    }
    awaitVoters(cluster, cluster.nodes());
    return cluster;
  }

  private static <T> T call(List<Endpoint> nodes, Function<Channel, T> call) {
    try (var client = new ClusterClient(nodes, Optional.empty(), Duration.ofSeconds(20))) {
      return client.call(call);
    }
  }

  /// Repeated under its request id until it is taken.
  private static String submit(LocalCluster cluster) {
    var request =
        SubmitWorkRequest.newBuilder()
            .setRequestId("before")
            .addItems(WorkSpec.newBuilder().setWorkType("soil"))
            .build();
    return soon()
        .atMost(BEGIN_AGAIN)
        .ignoreException(Refusal.class)
        .until(
            () ->
                call(
                    cluster.addresses(),
                    c -> QueueServiceGrpc.newBlockingStub(c).submitWork(request)),
            taken -> taken.getItemsCount() == 1)
        .getItems(0)
        .getWorkId();
  }

  private static List<String> items(LocalCluster cluster) {
    var request =
        ListWorkRequest.newBuilder()
            .setReadConsistency(ReadConsistency.READ_CONSISTENCY_LINEARIZABLE)
            .build();
    try {
      return call(cluster.addresses(), c -> QueueServiceGrpc.newBlockingStub(c).listWork(request))
          .getItemsList()
          .stream()
          .map(WorkItem::getWorkId)
          .toList();
    } catch (Refusal notYet) {
      return List.of(notYet.text());
    }
  }

  /// The voters as that node sees them; none while it begins again.
  private static ListVotersResponse voters(LocalCluster cluster, String node) {
    var request = ListVotersRequest.getDefaultInstance();
    try {
      return call(
          List.of(cluster.address(node)),
          c -> VoterServiceGrpc.newBlockingStub(c).listVoters(request));
    } catch (Refusal beginning) {
      return ListVotersResponse.getDefaultInstance();
    }
  }

  /// Waits until every node sees these voters, all of them at work, at this cluster's ports.
  private static void awaitVoters(LocalCluster cluster, List<String> wanted) {
    var ports = wanted.stream().map(n -> n + "=" + cluster.address(n).port()).toList();
    for (String node : cluster.nodes()) {
      soon()
          .atMost(BEGIN_AGAIN)
          .untilAsserted(
              () ->
                  assertThat(voters(cluster, node).getVotersList())
                      .filteredOn(v -> v.getAlive() && v.getAppliedIndex() > 0)
                      .extracting(v -> v.getVoter().getNodeId() + "=" + v.getVoter().getPort())
                      .isEqualTo(ports));
    }
  }

  /// A change may be repeated, and has to be when its leader gives way.
  private static void removeAndAdd(LocalCluster cluster, String node) {
    var remove = RemoveVoterRequest.newBuilder().setNodeId(node).build();
    var others = cluster.nodes().stream().filter(n -> !n.equals(node)).toList();
    change(cluster, c -> VoterServiceGrpc.newBlockingStub(c).removeVoter(remove));
    awaitVoters(cluster, others);
    var add = AddVoterRequest.newBuilder().setNodeId(node).build();
    change(cluster, c -> VoterServiceGrpc.newBlockingStub(c).addVoter(add));
    awaitVoters(cluster, cluster.nodes());
  }

  private static void change(LocalCluster cluster, Function<Channel, ?> change) {
    soon()
        .atMost(BEGIN_AGAIN)
        .ignoreException(Refusal.class)
        .until(() -> call(cluster.addresses(), change) != null);
  }

  @ParameterizedTest
  @CsvSource({"bully, http", "raft, swim"}) // every kind of port
  void everyAddressMayChangeAfterTheVotersDid(String consensus, String membership)
      throws IOException, InterruptedException {
    var before = started(consensus, membership);
    String item = submit(before);
    removeAndAdd(before, "n3");
    long list = voters(before, "n1").getVersion();
    var _ = before.stop();

    var after = started(consensus, membership);
    assertThat(after.addresses()).doesNotContainAnyElementsOf(before.addresses());
    assertThat(voters(after, "n1").getVersion()).isEqualTo(list).isPositive();
    soon().atMost(BEGIN_AGAIN).untilAsserted(() -> assertThat(items(after)).containsExactly(item));
    assertThat(folder.resolve("cluster/n1/state/voter-places"))
        .content()
        .contains("replaced n1 " + before.address("n1").host() + " " + before.address("n1").port());
    assertThat(after.crashed()).isEmpty();
  }
}
