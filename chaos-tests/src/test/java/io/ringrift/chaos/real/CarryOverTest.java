package io.ringrift.chaos.real;

import static io.ringrift.chaos.real.RealCluster.soon;
import static org.assertj.core.api.Assertions.assertThat;

import io.ringrift.common.v1.ReadConsistency;
import io.ringrift.election.v1.ElectionServiceGrpc;
import io.ringrift.election.v1.GetLeadershipRequest;
import io.ringrift.kernel.Refusal;
import io.ringrift.node.client.ClusterClient;
import io.ringrift.node.local.LocalCluster;
import io.ringrift.queue.v1.ListWorkRequest;
import io.ringrift.queue.v1.QueueServiceGrpc;
import io.ringrift.queue.v1.SubmitWorkRequest;
import io.ringrift.queue.v1.WorkItem;
import io.ringrift.queue.v1.WorkSpec;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A deployment is stopped in one mode of consensus and started in another.
@Timeout(300)
class CarryOverTest {
  @TempDir private Path folder;

  private LocalCluster cluster;
  private final List<String> acknowledged = new ArrayList<>();

  @BeforeEach
  void make() throws IOException {
    cluster = RealCluster.cluster(folder.resolve("cluster"), "");
  }

  @AfterEach
  void end() {
    cluster.close();
  }

  private void startAll(String mode) throws IOException {
    for (String node : cluster.nodes()) {
      cluster.start(node, "--consensus-mode", mode);
    }
  }

  private ClusterClient client() {
    return new ClusterClient(cluster.addresses(), Optional.empty(), Duration.ofSeconds(40));
  }

  private void submit(String requestId) {
    try (var client = client()) {
      var request =
          SubmitWorkRequest.newBuilder()
              .setRequestId(requestId)
              .addItems(WorkSpec.newBuilder().setWorkType("soil"))
              .build();
      var answer = client.call(c -> QueueServiceGrpc.newBlockingStub(c).submitWork(request));
      acknowledged.add(answer.getItems(0).getWorkId());
    }
  }

  private List<String> items() {
    try (var client = client()) {
      return client
          .call(
              c ->
                  QueueServiceGrpc.newBlockingStub(c)
                      .listWork(
                          ListWorkRequest.newBuilder()
                              .setReadConsistency(ReadConsistency.READ_CONSISTENCY_LINEARIZABLE)
                              .build()))
          .getItemsList()
          .stream()
          .map(WorkItem::getWorkId)
          .toList();
    } catch (Refusal notYet) {
      return List.of(notYet.text());
    }
  }

  private long epoch() {
    try (var client = client()) {
      return client
          .call(
              c ->
                  ElectionServiceGrpc.newBlockingStub(c)
                      .getLeadership(GetLeadershipRequest.getDefaultInstance()))
          .getEpoch();
    }
  }

  private void expectEverything() {
    soon()
        .untilAsserted(() -> assertThat(items()).containsExactlyInAnyOrderElementsOf(acknowledged));
  }

  @Test
  void stateAndEpochGoAlongToRaftToHybridAndBack() throws IOException, InterruptedException {
    startAll("bully");
    submit("in-bully-1");
    submit("in-bully-2");
    long inBully = epoch();
    cluster.killAll(cluster.nodes());

    startAll("raft");
    expectEverything();
    submit("in-raft");
    long inRaft = epoch();
    assertThat(inRaft).isGreaterThan(inBully);
    cluster.killAll(cluster.nodes());

    startAll("hybrid");
    expectEverything();
    submit("in-hybrid");
    cluster.killAll(cluster.nodes());

    startAll("bully");
    expectEverything();
    submit("in-bully-3");
    expectEverything();
    assertThat(epoch()).isGreaterThan(inRaft);
  }
}
