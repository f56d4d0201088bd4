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
import io.ringrift.queue.v1.ClaimRef;
import io.ringrift.queue.v1.ClaimWorkRequest;
import io.ringrift.queue.v1.CompleteWorkRequest;
import io.ringrift.queue.v1.QueueServiceGrpc;
import io.ringrift.queue.v1.SubmitWorkRequest;
import io.ringrift.queue.v1.WorkItem;
import io.ringrift.queue.v1.WorkSpec;
import io.ringrift.state.v1.ModeServiceGrpc;
import io.ringrift.state.v1.SwitchModeRequest;
import io.ringrift.status.v1.GetStatusRequest;
import io.ringrift.status.v1.StatusServiceGrpc;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A running cluster changes its mode of consensus under work.
@Timeout(300)
class SwitchModeTest {
  private static final int WORKERS = 16;

  @TempDir private Path folder;

  private final ConcurrentLinkedQueue<String> submitted = new ConcurrentLinkedQueue<>();
  private final ConcurrentLinkedQueue<String> completed = new ConcurrentLinkedQueue<>();
  private final ConcurrentLinkedQueue<String> failures = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean stopping = new AtomicBoolean();
  private final List<Thread> threads = new ArrayList<>();
  private LocalCluster cluster;

  @BeforeEach
  void start() throws IOException {
    cluster = RealCluster.cluster(folder.resolve("cluster"), "");
    for (String node : cluster.nodes()) {
      cluster.start(node);
    }
  }

  @AfterEach
  void end() throws InterruptedException {
    stopping.set(true);
    for (Thread thread : threads) {
      thread.join(Duration.ofSeconds(30));
    }
    cluster.close();
  }

  private ClusterClient client() {
    return new ClusterClient(cluster.addresses(), Optional.empty(), Duration.ofSeconds(60));
  }

  private void background(Consumer<ClusterClient> round) {
    threads.add(
        Thread.ofVirtual()
            .start(
                () -> {
                  try (var client = client()) {
                    while (!stopping.get()) {
                      round.accept(client);
                    }
                  } catch (RuntimeException e) {
                    failures.add(e.toString());
                  }
                }));
  }

  private void submitOne(ClusterClient client) {
    var request =
        SubmitWorkRequest.newBuilder()
            .setRequestId(UUID.randomUUID().toString())
            .addItems(WorkSpec.newBuilder().setWorkType("soil"))
            .build();
    submitted.add(
        client
            .call(c -> QueueServiceGrpc.newBlockingStub(c).submitWork(request))
            .getItems(0)
            .getWorkId());
  }

  private void workOnce(ClusterClient client, String worker) {
    var claim =
        ClaimWorkRequest.newBuilder()
            .setWorkerId(worker)
            .addCapabilities("soil")
            .setAcceptAnyWorkload(true)
            .setRequestId(UUID.randomUUID().toString())
            .build();
    for (WorkItem item :
        client.call(c -> QueueServiceGrpc.newBlockingStub(c).claimWork(claim)).getItemsList()) {
      var complete =
          CompleteWorkRequest.newBuilder()
              .setClaim(
                  ClaimRef.newBuilder()
                      .setWorkId(item.getWorkId())
                      .setClaimToken(item.getClaimToken())
                      .setWorkerId(worker))
              .build();
      var _ = client.call(c -> QueueServiceGrpc.newBlockingStub(c).completeWork(complete));
      completed.add(item.getWorkId());
    }
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
    try (var client = client()) {
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
    try (var submitter = client()) {
      submitOne(submitter);
    }
    background(this::submitOne);
    for (int i = 0; i < WORKERS; i++) {
      String worker = "worker-" + i;
      background(client -> workOnce(client, worker));
    }
    long before = epochAbove(0);
    for (String mode : List.of("raft", "hybrid", "bully")) {
      int done = completed.size();
      switchTo(mode);
      soon().until(() -> completed.size() > done + WORKERS);
      before = epochAbove(before);
    }
    stopping.set(true);
    soon().until(() -> threads.stream().noneMatch(Thread::isAlive));
    try (var client = client()) {
      soon()
          .untilAsserted(
              () -> {
                workOnce(client, "last");
                assertThat(completed).containsAll(submitted);
              });
    }
    assertThat(failures).isEmpty();
    assertThat(completed).doesNotHaveDuplicates();
  }

  @Test
  void changeThatNotEveryVoterCanFollowIsRefusedAndNothingChanges()
      throws IOException, InterruptedException {
    try (var client = client()) {
      submitOne(client);
      cluster.kill("n1");
      var request = SwitchModeRequest.newBuilder().setTargetMode("raft").build();
      assertThatThrownBy(
              () -> client.call(c -> ModeServiceGrpc.newBlockingStub(c).switchMode(request)))
          .isInstanceOfSatisfying(
              Refusal.class, r -> assertThat(r.reason()).isEqualTo(Reason.SWITCH_REFUSED));
      submitOne(client);
      assertThat(mode()).isEqualTo("bully");
    }
  }
}
