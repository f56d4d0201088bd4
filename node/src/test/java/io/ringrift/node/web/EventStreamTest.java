package io.ringrift.node.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.linecorp.armeria.server.Server;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.ringrift.event.v1.Event;
import io.ringrift.event.v1.EventServiceGrpc;
import io.ringrift.event.v1.WatchEventsRequest;
import io.ringrift.event.v1.WatchEventsResponse;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.wire.Errors;
import io.ringrift.node.rpc.LocalServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Readers of `/v1/events` that are slow, and what they are told.
@Timeout(60)
final class EventStreamTest {
  /// A reader behind this index gets events without end, as many as it takes.
  private static final int FLOOD = 1000;

  private static final int MOST_SENT = 100_000;
  private static final Duration LONG = Duration.ofSeconds(15);

  private final LocalServer local = new LocalServer("events");
  private final AtomicInteger sent = new AtomicInteger();
  private final CompletableFuture<ServerCallStreamObserver<WatchEventsResponse>> flooded =
      new CompletableFuture<>();
  private final CountDownLatch gone = new CountDownLatch(1);
  private Optional<Server> server = Optional.empty();

  private final class Events extends EventServiceGrpc.EventServiceImplBase {
    @Override
    public void watchEvents(
        WatchEventsRequest request, StreamObserver<WatchEventsResponse> observer) {
      if (request.getAfterIndex() == FLOOD) {
        flood((ServerCallStreamObserver<WatchEventsResponse>) observer);
        return;
      }
      // Two events are kept, of index 8.
      for (int ordinal = 1; ordinal < 3; ordinal++) {
        observer.onNext(
            WatchEventsResponse.newBuilder()
                .setEvent(event(8, ordinal, "short"))
                .setTruncated(ordinal == 1 && request.getAfterIndex() < 8)
                .build());
      }
      observer.onCompleted();
    }

    private void flood(ServerCallStreamObserver<WatchEventsResponse> call) {
      flooded.complete(call);
      call.setOnCancelHandler(gone::countDown);
      String text = "x".repeat(16_000);
      call.setOnReadyHandler(
          () -> {
            while (call.isReady() && sent.get() < MOST_SENT) {
              call.onNext(
                  WatchEventsResponse.newBuilder()
                      .setEvent(event(FLOOD + sent.incrementAndGet(), 0, text))
                      .build());
            }
          });
    }
  }

  private static Event event(long index, int ordinal, String subject) {
    return Event.newBuilder()
        .setIndex(index)
        .setOrdinal(ordinal)
        .setKind("CLUSTER_ALERT")
        .setSubject(subject)
        .build();
  }

  private void serve(Duration heartbeat) {
    local.serve(List.of(new Events()));
    var readers = WebServer.eventLoops(1, "events");
    var built =
        Server.builder()
            .http(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .workerGroup(readers, true)
            .bossGroupFactory(name -> WebServer.acceptor(name, readers))
            .service("/v1/events", new EventStream(local.channel(), heartbeat))
            .build();
    built.start().join();
    server = Optional.of(built);
  }

  private int port() {
    return server.orElseThrow().activeLocalPort();
  }

  @AfterEach
  void end() {
    server.ifPresent(s -> s.stop().join());
    local.close();
  }

  private String get(String query) throws IOException, InterruptedException {
    try (var http = HttpClient.newHttpClient()) {
      var uri = URI.create("http://127.0.0.1:" + port() + "/v1/events" + query);
      return http.send(
              HttpRequest.newBuilder(uri).timeout(Duration.ofSeconds(20)).build(),
              HttpResponse.BodyHandlers.ofString())
          .body();
    }
  }

  /// Asks for the flood, and takes nothing of it until nothing more is sent.
  private Socket silentReader() throws IOException {
    var socket = new Socket(InetAddress.getLoopbackAddress(), port());
    socket.setSoTimeout(20_000);
    socket
        .getOutputStream()
        .write(
            ("GET /v1/events?after=" + FLOOD + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII));
    Awaitility.await().atMost(20, TimeUnit.SECONDS).until(() -> sent.get() > 0);
    var before = new AtomicInteger(-1);
    Awaitility.await()
        .pollInterval(Duration.ofMillis(300))
        .atMost(20, TimeUnit.SECONDS)
        .until(() -> before.getAndSet(sent.get()) == sent.get());
    return socket;
  }

  @Test
  void aReaderThatTakesNothingHoldsUpNobodyAndIsDroppedWithANotice() throws Exception {
    serve(LONG);
    try (Socket silent = silentReader()) {
      assertThat(sent.get()).isLessThan(MOST_SENT);
      assertThat(get("?after=8:0")).contains("id: 8:1", "id: 8:2");
      flooded.join().onError(Errors.toStatus(new Refusal(Reason.OVERLOADED, "too far behind")));
      assertThat(WebFixture.untilClosed(silent)).contains("id: 1001:0", "event: end\ndata: ");
    }
  }

  @Test
  void aReaderThatTakesNotEvenTheCommentsIsGivenUp() throws Exception {
    serve(Duration.ofMillis(50));
    try (Socket silent = silentReader()) {
      assertThat(gone.await(20, TimeUnit.SECONDS)).isTrue();
      assertThat(WebFixture.untilClosed(silent)).doesNotContain("event: end");
    }
  }

  @Test
  void aReaderWhosePlaceWasForgottenIsToldBeforeTheNextEvent() throws Exception {
    serve(LONG);
    assertThat(get("?after=3"))
        .containsSubsequence(
            "event: truncated\ndata: {\"first_kept\":\"8:1\"}", "id: 8:1", "id: 8:2")
        .containsOnlyOnce("event: truncated");
    assertThat(get("?after=8")).doesNotContain("truncated");
  }

  @Test
  void aReaderWhoStandsWithinTheFirstIndexThatIsKeptHasLostNothing() throws Exception {
    serve(LONG);
    assertThat(get("?after=8:1")).contains("id: 8:2").doesNotContain("truncated");
  }
}
