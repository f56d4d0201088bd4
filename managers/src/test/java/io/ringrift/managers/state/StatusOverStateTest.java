package io.ringrift.managers.state;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.inprocess.InProcessServerBuilder;
import io.ringrift.kernel.BootId;
import io.ringrift.kernel.Membership;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.gossip.GossipBoard;
import io.ringrift.kernel.time.Ticker;
import io.ringrift.managers.Health;
import io.ringrift.managers.HealthCheck;
import io.ringrift.managers.Services;
import io.ringrift.managers.status.CollectorConfig;
import io.ringrift.managers.status.StatusMetricsCollector;
import io.ringrift.managers.status.StatusSources;
import io.ringrift.queue.v1.ClaimRef;
import io.ringrift.queue.v1.CompleteWorkRequest;
import io.ringrift.queue.v1.WorkItem;
import io.ringrift.status.v1.GetHealthRequest;
import io.ringrift.status.v1.GetStatusRequest;
import io.ringrift.status.v1.GetStatusResponse;
import io.ringrift.status.v1.StatusServiceGrpc;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// The status as its readers meet it.
@Timeout(60)
final class StatusOverStateTest extends QueueBed {
  private final List<HealthCheck> managers = new CopyOnWriteArrayList<>();
  private final CountDownLatch end = new CountDownLatch(1);

  /// A manager of the test.
  private record Checked(String name, Supplier<Health> answer) implements HealthCheck {
    @Override
    public Health health() {
      return answer.get();
    }
  }

  /// Knows nothing.
  private static final class EmptyBoard implements GossipBoard {
    @Override
    public void publish(byte[] payload) {}

    @Override
    public Map<NodeId, Posting> postings() {
      return Map.of();
    }
  }

  @Override
  void serve(InProcessServerBuilder builder, Membership membership, Services services) {
    var identity =
        new StatusSources.Identity(
            "c", new NodeId("n1"), new BootId(1), "v", "http", "bully", List::of);
    var status =
        new StatusMetricsCollector(
            new CollectorConfig(Duration.ofMillis(500), 20, Duration.ZERO),
            new StatusSources(
                identity,
                membership,
                consensus,
                new EmptyBoard(),
                services,
                () -> List.copyOf(managers),
                Ticker.system(),
                InstantSource.system()));
    status.services().forEach(builder::addService);
  }

  @AfterEach
  void letGo() {
    end.countDown();
  }

  private StatusServiceGrpc.StatusServiceBlockingStub stub() {
    return StatusServiceGrpc.newBlockingStub(channel).withDeadlineAfter(20, TimeUnit.SECONDS);
  }

  private GetStatusResponse status() {
    return stub().getStatus(GetStatusRequest.getDefaultInstance());
  }

  private void manager(String name, Supplier<Health> answer) {
    managers.add(new Checked(name, answer));
  }

  private static Health fit() {
    return Health.running(Map.of("figure", "1"));
  }

  /// Hears no interrupt, as a lock does not.
  private Health hangs() {
    while (true) {
      try {
        end.await();
        return fit();
      } catch (InterruptedException again) {
        // goes on to hang
      }
    }
  }

  @Test
  void aManagerThatThrowsIsUnfitAndTheOthersAreShown() {
    manager("Good", StatusOverStateTest::fit);
    manager(
        "Bad",
        () -> {
          throw new IllegalStateException("broken");
        });
    var shown = status();
    assertThat(shown.getManagersOrThrow("Good").getDetailsMap()).containsEntry("figure", "1");
    assertThat(shown.getManagersOrThrow("Bad").getHealthy()).isFalse();
    assertThat(shown.getManagersOrThrow("Bad").getMessage())
        .isEqualTo("its health could not be asked: broken");
    assertThat(shown.getHealthCheck().getStatus()).isEqualTo("unhealthy");
    assertThat(stub().getHealth(GetHealthRequest.getDefaultInstance()).getHealthy()).isFalse();
  }

  @Test
  void aManagerThatHangsIsUnfitHoweverOftenItIsAsked() {
    var asked = new AtomicInteger();
    manager("Good", StatusOverStateTest::fit);
    manager(
        "Stuck",
        () -> {
          asked.incrementAndGet();
          return hangs();
        });
    assertThat(status().getManagersOrThrow("Stuck").getMessage())
        .contains("no answer within 500 ms");
    // More often than questions may hang at once.
    for (int i = 0; i < 30; i++) {
      var health = stub().getHealth(GetHealthRequest.getDefaultInstance());
      assertThat(health.getHealthy()).isFalse();
      assertThat(health.getNodeId()).isEqualTo("n1");
    }
    var shown = status();
    assertThat(shown.getManagersOrThrow("Good").getHealthy()).isTrue();
    assertThat(shown.getManagersOrThrow("Stuck").getMessage()).contains("still hangs");
    assertThat(asked).hasValue(1);
  }

  @Test
  void aManagerThatAnswersAgainIsAskedAgain() {
    manager("Stuck", this::hangs);
    assertThat(status().getManagersOrThrow("Stuck").getHealthy()).isFalse();
    end.countDown();
    Awaitility.await()
        .atMost(10, TimeUnit.SECONDS)
        .until(() -> status().getManagersOrThrow("Stuck").getHealthy());
  }

  @Test
  void blocksOfTheClusterTellOfVotersLeaderAndPeers() {
    var metrics = status().getMetricsMap();
    assertThat(metrics)
        .containsKeys(
            "voter_health", "leader_consensus", "peer_reputation", "cluster_observability");
    var voters = status().getMetricsOrThrow("voter_health");
    assertThat(voters.getFieldsOrThrow("n1").getStringValue()).isEqualTo("alive");
    assertThat(voters.getFieldsOrThrow("may_still_fail").getNumberValue()).isZero();
    var leader = status().getMetricsOrThrow("leader_consensus");
    assertThat(leader.getFieldsOrThrow("leader_id").getStringValue()).isEqualTo("n1");
  }

  @Test
  void itemsOfTheQueueAreCountedBesideTheJobs() {
    for (int i = 0; i < 3; i++) {
      submit(Ledgers.selfplay());
    }
    WorkItem item = queue().claimWork(claim("w").build()).getItems(0);
    assertThat(status().getWork().getClaimed()).isEqualTo(1);
    var ref =
        ClaimRef.newBuilder()
            .setWorkId(item.getWorkId())
            .setClaimToken(item.getClaimToken())
            .setWorkerId("w");
    var _ =
        queue()
            .completeWork(CompleteWorkRequest.newBuilder().setClaim(ref).setResult("{}").build());
    var shown = status();
    assertThat(shown.getWork().getPending()).isEqualTo(2);
    assertThat(shown.getWork().getClaimed()).isZero();
    assertThat(shown.getWork().getCompleted()).isEqualTo(1);
    assertThat(shown.getJobs().getPending()).isZero();
  }
}
