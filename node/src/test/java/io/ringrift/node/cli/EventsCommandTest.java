package io.ringrift.node.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Server;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.ringrift.event.v1.Event;
import io.ringrift.event.v1.EventServiceGrpc;
import io.ringrift.event.v1.ListEventsRequest;
import io.ringrift.event.v1.ListEventsResponse;
import io.ringrift.event.v1.WatchEventsRequest;
import io.ringrift.event.v1.WatchEventsResponse;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// `ringrift events` against a node whose events begin with index 50.
final class EventsCommandTest {
  private static final Event OLDEST =
      Event.newBuilder().setIndex(50).setKind("CLUSTER_ALERT").setSubject("s").build();

  private Server server;

  private static final class Events extends EventServiceGrpc.EventServiceImplBase {
    @Override
    public void listEvents(ListEventsRequest request, StreamObserver<ListEventsResponse> observer) {
      observer.onNext(
          ListEventsResponse.newBuilder()
              .addEvents(OLDEST)
              .setTruncated(request.getAfterIndex() < 49)
              .build());
      observer.onCompleted();
    }

    @Override
    public void watchEvents(
        WatchEventsRequest request, StreamObserver<WatchEventsResponse> observer) {
      observer.onNext(
          WatchEventsResponse.newBuilder()
              .setEvent(OLDEST)
              .setTruncated(request.getAfterIndex() < 49)
              .build());
      observer.onCompleted();
    }
  }

  @BeforeEach
  void serve() throws IOException {
    server =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .directExecutor()
            .addService(new Events())
            .build()
            .start();
  }

  @AfterEach
  void end() {
    server.shutdownNow();
  }

  private CommandLines.Result events(String... words) {
    return CommandLines.run("127.0.0.1:" + server.getPort(), words);
  }

  @Test
  void whatWasForgottenIsToldBesideTheEvents() {
    for (String[] words :
        new String[][] {{"events", "--after", "7"}, {"events", "-f", "--after", "7"}}) {
      var result = events(words);
      assertThat(result.err()).contains("Events behind index 7 were forgotten", "of index 50");
      assertThat(result.out()).startsWith("50  ").doesNotContain("forgotten");
    }
  }

  @Test
  void whatIsWholeIsNotTalkedAbout() {
    assertThat(events("events", "--after", "49").err()).isEmpty();
    assertThat(events("events", "-f", "--after", "49").err()).isEmpty();
  }
}
