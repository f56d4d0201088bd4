package io.ringrift.kernel.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.StatusRuntimeException;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.stub.StreamObserver;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.ringrift.kernel.BootId;
import io.ringrift.kernel.Endpoint;
import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.consensus.bully.Message;
import io.ringrift.kernel.consensus.ledger.Ledger;
import io.ringrift.kernel.consensus.ledger.LogPosition;
import io.ringrift.kernel.time.Ticker;
import io.ringrift.ledger.v1.ExchangeResponse;
import io.ringrift.ledger.v1.GetLedgerRequest;
import io.ringrift.ledger.v1.ReplicaServiceGrpc;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// The voters' streams with their service at the other end.
@Timeout(60)
final class PeerStreamsTest {
  private static final NodeId N1 = new NodeId("n1");
  private static final NodeId N2 = new NodeId("n2");
  private static final Duration LEASE = Duration.ofSeconds(2);
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final String name = UUID.randomUUID().toString();
  private final List<Message> received = new CopyOnWriteArrayList<>();
  private final List<NodeId> heard = new CopyOnWriteArrayList<>();
  private final ManagedChannel channel = InProcessChannelBuilder.forName(name).build();
  private @Nullable Server server;

  @BeforeEach
  void serve() throws IOException {
    server =
        InProcessServerBuilder.forName(name)
            .addService(
                new ReplicaRpc(
                    "here",
                    (_, message) -> received.add(message),
                    LEDGER,
                    heard::add,
                    () -> Epoch.ZERO))
            .build()
            .start();
  }

  @AfterEach
  void stop() throws InterruptedException {
    channel.shutdownNow();
    stopServer();
  }

  private void stopServer() throws InterruptedException {
    if (server != null) {
      server.shutdownNow().awaitTermination();
    }
  }

  private PeerStreams streams(String cluster) {
    return streams(cluster, new SimpleMeterRegistry());
  }

  private PeerStreams streams(String cluster, MeterRegistry meters) {
    return new PeerStreams(
        new PeerStreams.Identity(cluster, N1, new BootId(1)),
        _ -> Optional.of(new Endpoint("n2", 1)),
        _ -> channel,
        Ticker.system(),
        Duration.ofSeconds(2),
        meters);
  }

  private static Message vote(long round) {
    return new Message.PreVote(new Epoch(1), round, 0, LEASE);
  }

  @Test
  void messagesArriveInOrder() {
    try (var streams = streams("here")) {
      for (int i = 0; i < 100; i++) {
        streams.send(N2, vote(i));
      }
      await().atMost(PATIENCE).until(() -> received.size() == 100);
      for (int i = 0; i < 100; i++) {
        assertThat(received.get(i)).isEqualTo(vote(i));
      }
      assertThat(heard).contains(N1);
    }
  }

  @Test
  void anEpochThatNoElectionCanHaveReachedIsRefused() {
    try (var streams = streams("here")) {
      var absurd = new Message.LeaseRequest(new Epoch(EpochBound.MOST_AHEAD + 1), 1, 0, LEASE);
      var greatest = new Message.LeaseRequest(new Epoch(EpochBound.MOST_AHEAD), 1, 0, LEASE);
      streams.send(N2, absurd);
      await()
          .atMost(PATIENCE)
          .until(
              () -> {
                streams.send(N2, greatest);
                return received.contains(greatest);
              });
      assertThat(received).doesNotContain(absurd);
    }
  }

  @Test
  void aStreamIsOpenedAgainAfterThePeerRestarted() throws Exception {
    try (var streams = streams("here")) {
      streams.send(N2, vote(1));
      await().atMost(PATIENCE).until(() -> received.contains(vote(1)));
      stopServer();
      // Lost, not kept: an old message is worth less than a fresh one.
      streams.send(N2, vote(2));
      serve();
      await()
          .atMost(PATIENCE)
          .until(
              () -> {
                streams.send(N2, vote(3));
                return received.contains(vote(3));
              });
      assertThat(received).startsWith(vote(1)).endsWith(vote(3));
    }
  }

  @Test
  void aVoterWhoseLogIsOfAnotherLifeIsToldApartFromAStranger() throws Exception {
    var meters = new SimpleMeterRegistry();
    try (var streams = streams("here#2", meters)) {
      await()
          .atMost(PATIENCE)
          .until(
              () -> {
                streams.send(N2, vote(1));
                return meters.counter("ringrift.voter.refused").count() > 0;
              });
      assertThat(received).isEmpty();
    }
    assertThat(refusalOf("here#2").text()).contains("here#2", "engine", "modes.md");
    assertThat(refusalOf("there#2").text()).contains("correct the address");
  }

  @Test
  void aVoterOfAnotherClusterIsRefusedNamingBothAndDeliversNothing() throws Exception {
    var refusal = refusalOf("there");
    assertThat(refusal.reason()).isEqualTo(Reason.WRONG_CLUSTER);
    assertThat(refusal.details()).containsEntry("here", "here").containsEntry("there", "there");
    assertThat(received).isEmpty();
    assertThat(heard).isEmpty();
  }

  private Refusal refusalOf(String cluster) throws Exception {
    var refused = new CompletableFuture<Refusal>();
    var stream =
        ReplicaServiceGrpc.newStub(channel)
            .exchange(
                new StreamObserver<ExchangeResponse>() {
                  @Override
                  public void onNext(ExchangeResponse response) {}

                  @Override
                  public void onError(Throwable failure) {
                    if (failure instanceof StatusRuntimeException status) {
                      refused.complete(Errors.fromStatus(status));
                    }
                  }

                  @Override
                  public void onCompleted() {}
                });
    var message =
        ReplicaProtos.encode(vote(1)).setFromNodeId("n1").setClusterId(cluster).setBootId("1");
    stream.onNext(message.build());
    stream.onNext(message.setClusterId("here").build());
    return refused.get(10, TimeUnit.SECONDS);
  }

  @Test
  void theLedgersPlaceIsTold() {
    var answer =
        ReplicaServiceGrpc.newBlockingStub(channel)
            .getLedger(GetLedgerRequest.getDefaultInstance());
    assertThat(answer.getCommitIndex()).isEqualTo(9);
    assertThat(answer.getAppliedIndex()).isEqualTo(8);
    assertThat(answer.getStateHash()).isEqualTo("abc");
  }

  private static final Ledger LEDGER =
      new Ledger() {
        @Override
        public CompletableFuture<Applied> propose(Epoch epoch, byte[] command) {
          throw new UnsupportedOperationException();
        }

        @Override
        public CompletableFuture<Long> barrier() {
          throw new UnsupportedOperationException();
        }

        @Override
        public LedgerStatus status() {
          return new LedgerStatus(new LogPosition(new Epoch(2), 10), 9, 8, 5, "abc");
        }

        @Override
        public AutoCloseable watch(Consumer<Long> watcher) {
          throw new UnsupportedOperationException();
        }
      };
}
