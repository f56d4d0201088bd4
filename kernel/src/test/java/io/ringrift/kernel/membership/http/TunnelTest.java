package io.ringrift.kernel.membership.http;

import static io.ringrift.kernel.membership.http.TestCluster.seen;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.grpc.Channel;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import io.ringrift.gossip.v1.ExchangeRequest;
import io.ringrift.gossip.v1.ExchangeResponse;
import io.ringrift.gossip.v1.GossipServiceGrpc;
import io.ringrift.kernel.MemberState;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.wire.Errors;
import io.ringrift.membership.v1.ListMembersRequest;
import io.ringrift.membership.v1.MembershipServiceGrpc;
import io.ringrift.membership.v1.WatchMembersRequest;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// An outbound-only node `w` and the voters that hold its stream.
class TunnelTest {
  private static final Duration LONG = Duration.ofSeconds(15);
  private static final NodeId W = new NodeId("w");
  private final TestCluster cluster = new TestCluster("n1", "n2");
  private final CountDownLatch cancelled = new CountDownLatch(1);
  private TestCluster.Running n1;
  private TestCluster.Running w;
  private Channel tunnel;

  @BeforeEach
  void open() {
    n1 = cluster.start("n1");
    cluster.start("n2");
    w = cluster.start("w", Optional.empty(), TestCluster.FAST.lease(), List.of(new Echo()));
    await().atMost(LONG).until(() -> n1.membership().tunnels().to(W).isPresent());
    tunnel = n1.membership().tunnels().to(W).orElseThrow();
  }

  @AfterEach
  void close() {
    cluster.close();
  }

  @Test
  void anOutboundOnlyNodeIsAliveByItsStream() {
    await().atMost(LONG).untilAsserted(() -> assertThat(seen(n1, "w")).contains(MemberState.ALIVE));
    await()
        .during(TestCluster.FAST.deadAfter().multipliedBy(2))
        .atMost(LONG)
        .until(() -> seen(n1, "w").equals(Optional.of(MemberState.ALIVE)));
    assertThat(n1.membership().member(W).orElseThrow().outboundOnly()).isTrue();
  }

  @Test
  void aUnaryCallIsServedOverTheStream() {
    var reply =
        MembershipServiceGrpc.newBlockingStub(tunnel)
            .withDeadlineAfter(10, TimeUnit.SECONDS)
            .listMembers(ListMembersRequest.getDefaultInstance());

    assertThat(reply.getMembersList()).extracting(m -> m.getNodeId()).contains("w", "n1");
  }

  @Test
  void aServerStreamingCallIsServedOverTheStream() {
    var watch =
        MembershipServiceGrpc.newBlockingStub(tunnel)
            .withDeadlineAfter(10, TimeUnit.SECONDS)
            .watchMembers(WatchMembersRequest.getDefaultInstance());

    assertThat(List.of(watch.next(), watch.next()))
        .extracting(r -> r.getMember().getNodeId())
        .contains("n1");
  }

  @Test
  void theDetailsOfABigRefusalSurvive() {
    assertThatThrownBy(() -> exchange("refuse"))
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            failure -> {
              Refusal refusal = Errors.fromStatus(failure);
              assertThat(refusal.reason()).isEqualTo(Reason.NO_CAPACITY);
              assertThat(refusal.details().get("why")).hasSize(100_000);
            });
  }

  @Test
  void aBigAnswerSurvives() {
    assertThat(exchange("big").getFacts(0).getPayload().size()).isEqualTo(3_000_000);
  }

  @Test
  void aCallThatIsNotAnsweredInTimeEndsAtBothEnds() throws InterruptedException {
    assertThatThrownBy(
            () ->
                GossipServiceGrpc.newBlockingStub(tunnel)
                    .withDeadlineAfter(200, TimeUnit.MILLISECONDS)
                    .exchange(ExchangeRequest.newBuilder().setNodeId("hang").build()))
        .hasMessageContaining("DEADLINE_EXCEEDED");

    assertThat(cancelled.await(10, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void aStreamThatIsGoneFailsItsCalls() {
    w.kill();

    await().atMost(LONG).until(() -> n1.membership().tunnels().to(W).isEmpty());
    assertThatThrownBy(() -> exchange("big")).hasMessageContaining("UNAVAILABLE");
  }

  @Test
  void aNewerProcessTakesTheStreamOver() {
    w.kill();
    cluster.start("w", Optional.empty(), TestCluster.FAST.lease(), List.of(new Echo()));

    await()
        .atMost(LONG)
        .untilAsserted(
            () -> {
              tunnel = n1.membership().tunnels().to(W).orElseThrow();
              assertThat(exchange("big").getFactsCount()).isEqualTo(1);
            });
  }

  private ExchangeResponse exchange(String what) {
    return GossipServiceGrpc.newBlockingStub(tunnel)
        .withDeadlineAfter(10, TimeUnit.SECONDS)
        .exchange(ExchangeRequest.newBuilder().setNodeId(what).build());
  }

  /// A service of the outbound-only node that does as it is told.
  private final class Echo extends GossipServiceGrpc.GossipServiceImplBase {
    @Override
    public void exchange(ExchangeRequest request, StreamObserver<ExchangeResponse> reply) {
      switch (request.getNodeId()) {
        case "refuse" ->
            reply.onError(
                Errors.toStatus(
                    new Refusal(Reason.NO_CAPACITY, "full").with("why", "x".repeat(100_000))));
        case "hang" ->
            ((io.grpc.stub.ServerCallStreamObserver<ExchangeResponse>) reply)
                .setOnCancelHandler(cancelled::countDown);
        default -> {
          var response = ExchangeResponse.newBuilder();
          response
              .addFactsBuilder()
              .setPayload(com.google.protobuf.ByteString.copyFrom(new byte[3_000_000]));
          reply.onNext(response.build());
          reply.onCompleted();
        }
      }
    }
  }
}
