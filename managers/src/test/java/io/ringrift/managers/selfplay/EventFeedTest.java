package io.ringrift.managers.selfplay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.Channel;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.stub.StreamObserver;
import io.ringrift.event.v1.EventServiceGrpc;
import io.ringrift.event.v1.ListEventsRequest;
import io.ringrift.event.v1.ListEventsResponse;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.time.Ticker;
import io.ringrift.managers.Services;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What the health is told of reading events.
final class EventFeedTest {
  private final EventFeed feed = new EventFeed(new Local(), Ticker.system());
  private final List<Boolean> meanwhile = new ArrayList<>();
  private boolean broken;
  private Server server;
  private ManagedChannel channel;

  @BeforeEach
  void open() throws IOException {
    String name = InProcessServerBuilder.generateName();
    server = InProcessServerBuilder.forName(name).addService(new Events()).build().start();
    channel = InProcessChannelBuilder.forName(name).build();
  }

  @AfterEach
  void close() {
    channel.shutdownNow();
    server.shutdownNow();
  }

  private final class Events extends EventServiceGrpc.EventServiceImplBase {
    @Override
    public void listEvents(ListEventsRequest request, StreamObserver<ListEventsResponse> observer) {
      meanwhile.add(feed.reads());
      if (broken) {
        observer.onError(Status.UNAVAILABLE.asException());
        return;
      }
      observer.onNext(ListEventsResponse.getDefaultInstance());
      observer.onCompleted();
    }
  }

  private final class Local implements Services {
    @Override
    public NodeId self() {
      return new NodeId("n1");
    }

    @Override
    public Channel local() {
      return channel;
    }

    @Override
    public Channel on(NodeId node) {
      return channel;
    }

    @Override
    public Channel onLeader() {
      return channel;
    }
  }

  @Test
  void whileItReadsItIsAsWellAsItWasAfterTheLastTime() {
    feed.refresh();
    feed.refresh();
    assertThat(meanwhile).containsExactly(false, true);
    assertThat(feed.reads()).isTrue();
  }

  @Test
  void aReadingThatFailsIsToldUntilOneSucceeds() {
    broken = true;
    assertThatThrownBy(feed::refresh).hasMessageContaining("UNAVAILABLE");
    assertThat(feed.reads()).isFalse();
    broken = false;
    feed.refresh();
    assertThat(feed.reads()).isTrue();
  }
}
