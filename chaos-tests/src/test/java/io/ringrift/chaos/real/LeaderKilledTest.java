package io.ringrift.chaos.real;

import static io.ringrift.chaos.real.RealCluster.soon;
import static org.assertj.core.api.Assertions.assertThat;

import io.ringrift.common.v1.ReadConsistency;
import io.ringrift.kernel.Endpoint;
import io.ringrift.kernel.Refusal;
import io.ringrift.node.client.ClusterClient;
import io.ringrift.node.local.LocalCluster;
import io.ringrift.queue.v1.ListWorkRequest;
import io.ringrift.queue.v1.ListWorkResponse;
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
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The leader is killed by kill -9 while writes are under way. Mode hybrid writes by the same code
/// as raft.
@Timeout(300)
class LeaderKilledTest {
  private static final int SUBMITTERS = 16;
  private static final int BEFORE = 200;
  private static final int AFTER = 200;

  @TempDir private Path folder;

  private LocalCluster cluster;
  private final ConcurrentLinkedQueue<String> acknowledged = new ConcurrentLinkedQueue<>();
  private final ConcurrentLinkedQueue<String> failures = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean stopping = new AtomicBoolean();
  private final List<Thread> submitters = new ArrayList<>();

  @BeforeEach
  void start() throws IOException {
    cluster = RealCluster.cluster(folder.resolve("cluster"), "");
    for (String node : cluster.nodes()) {
      cluster.start(node, "--consensus-mode", "raft");
    }
    RealCluster.leader(cluster, cluster.nodes(), Duration.ofMinutes(2));
  }

  @AfterEach
  void end() {
    stopping.set(true);
    cluster.close();
  }

  private void submitFrom(int submitter) {
    try (var client =
        new ClusterClient(cluster.addresses(), Optional.empty(), Duration.ofSeconds(40))) {
      for (int i = 0; !stopping.get(); i++) {
        String name = submitter + "-" + i;
        var request =
            SubmitWorkRequest.newBuilder()
                .setRequestId(name)
                .addItems(WorkSpec.newBuilder().setWorkType("soil").setPayload(name))
                .build();
        var _ = client.call(c -> QueueServiceGrpc.newBlockingStub(c).submitWork(request));
        acknowledged.add(name);
      }
    } catch (RuntimeException e) {
      failures.add(e.toString());
    }
  }

  private void awaitAcknowledged(int more) {
    int before = acknowledged.size();
    soon().until(() -> acknowledged.size() >= before + more || !failures.isEmpty());
    assertThat(failures).isEmpty();
  }

  /// Payloads of all items, as these nodes read them.
  private List<String> items(List<Endpoint> nodes, ReadConsistency level) {
    var payloads = new ArrayList<String>();
    try (var client = new ClusterClient(nodes, Optional.empty(), Duration.ofSeconds(10))) {
      var request = ListWorkRequest.newBuilder().setPageSize(1000).setReadConsistency(level);
      ListWorkResponse page;
      do {
        page = client.call(c -> QueueServiceGrpc.newBlockingStub(c).listWork(request.build()));
        page.getItemsList().stream()
            .map(WorkItem::getSpec)
            .map(WorkSpec::getPayload)
            .forEach(payloads::add);
        request.setPageToken(page.getNextPageToken());
      } while (!page.getNextPageToken().isEmpty());
      return payloads;
    } catch (Refusal notYet) {
      return List.of(notYet.text());
    }
  }

  private void requireEachOnce(List<String> items) {
    assertThat(items).doesNotHaveDuplicates().containsAll(acknowledged);
  }

  @Test
  void whatWasAcknowledgedIsThereOnceAfterTheLeaderIsKilledInRaftMode() throws Exception {
    for (int i = 0; i < SUBMITTERS; i++) {
      int submitter = i;
      submitters.add(Thread.ofVirtual().start(() -> submitFrom(submitter)));
    }
    awaitAcknowledged(BEFORE);
    String leader = RealCluster.leader(cluster, cluster.nodes());
    cluster.kill(leader);
    awaitAcknowledged(AFTER);
    stopping.set(true);
    for (Thread submitter : submitters) {
      assertThat(submitter.join(RealCluster.SOON)).isTrue();
    }
    assertThat(failures).isEmpty();
    requireEachOnce(items(cluster.addresses(), ReadConsistency.READ_CONSISTENCY_LINEARIZABLE));
    cluster.start(leader, "--consensus-mode", "raft");
    var back = List.of(cluster.address(leader));
    soon()
        .untilAsserted(() -> requireEachOnce(items(back, ReadConsistency.READ_CONSISTENCY_STALE)));
  }
}
