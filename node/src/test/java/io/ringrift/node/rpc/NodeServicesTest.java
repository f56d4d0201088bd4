package io.ringrift.node.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.grpc.BindableService;
import io.grpc.Channel;
import io.grpc.Context;
import io.grpc.Server;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.ringrift.kernel.BootId;
import io.ringrift.kernel.Consensus;
import io.ringrift.kernel.Endpoint;
import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.Incarnation;
import io.ringrift.kernel.Leadership;
import io.ringrift.kernel.LeadershipEvent;
import io.ringrift.kernel.Member;
import io.ringrift.kernel.MemberState;
import io.ringrift.kernel.Membership;
import io.ringrift.kernel.MembershipEvent;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.Role;
import io.ringrift.kernel.consensus.ledger.Ledger;
import io.ringrift.kernel.time.Moment;
import io.ringrift.kernel.wire.ErrorMapping;
import io.ringrift.kernel.wire.Errors;
import io.ringrift.managers.Replies;
import io.ringrift.status.v1.GetHealthRequest;
import io.ringrift.status.v1.GetHealthResponse;
import io.ringrift.status.v1.StatusServiceGrpc;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class NodeServicesTest {
  private static final NodeId SELF = new NodeId("self");
  private static final NodeId OTHER = new NodeId("other");
  private static final Duration RECONNECT = Duration.ofMillis(100);

  private final List<Member> members = new ArrayList<>();
  private final LocalServer local = new LocalServer("self");
  private final Channels channels = Channels.plaintext(RECONNECT, Optional.of("t0ken"));
  private Optional<NodeId> leader = Optional.empty();
  private Optional<Channel> tunnel = Optional.empty();
  private final NodeServices services =
      new NodeServices(
          SELF, local, new FakeMembership(), new FakeConsensus(), channels, _ -> tunnel);

  @AfterEach
  void close() {
    channels.close();
    local.close();
  }

  /// Answers with its own name and whether the call had a deadline.
  private static BindableService named(String name) {
    return new StatusServiceGrpc.StatusServiceImplBase() {
      @Override
      public void getHealth(GetHealthRequest request, StreamObserver<GetHealthResponse> observer) {
        Replies.unary(
            observer,
            () ->
                GetHealthResponse.newBuilder()
                    .setNodeId(name)
                    .setHealthy(Context.current().getDeadline() != null)
                    .build());
      }
    };
  }

  private static Server serve(String name, int port) throws IOException {
    return NettyServerBuilder.forPort(port)
        .intercept(new ErrorMapping())
        .addService(named(name))
        .build()
        .start();
  }

  private static GetHealthResponse ask(Channel channel) {
    return StatusServiceGrpc.newBlockingStub(channel)
        .getHealth(GetHealthRequest.getDefaultInstance());
  }

  private static Reason refusal(Channel channel) {
    try {
      ask(channel);
      throw new AssertionError("it answered");
    } catch (StatusRuntimeException e) {
      return Errors.fromStatus(e).reason();
    }
  }

  private static Member member(NodeId id, Optional<Endpoint> endpoint) {
    return new Member(
        id,
        new BootId(1),
        Incarnation.ZERO,
        MemberState.ALIVE,
        endpoint,
        false,
        endpoint.isEmpty(),
        Moment.MIN,
        false,
        0);
  }

  @Test
  void ownServicesAreReachedWithoutASocket() {
    local.serve(List.of(named("self")));
    assertThat(ask(services.on(SELF)).getNodeId()).isEqualTo("self");
    leader = Optional.of(SELF);
    assertThat(ask(services.onLeader()).getNodeId()).isEqualTo("self");
  }

  @Test
  void callWithoutADeadlineGetsOne() {
    local.serve(List.of(named("self")));
    assertThat(ask(services.local()).getHealthy()).isTrue();
    assertThat(ask(local.channel()).getHealthy()).isFalse();
  }

  @Test
  void otherNodeIsDialledWhereMembershipSaysItListens() throws Exception {
    var server = serve("other", 0);
    try {
      members.add(member(OTHER, Optional.of(new Endpoint("127.0.0.1", server.getPort()))));
      assertThat(ask(services.on(OTHER)).getNodeId()).isEqualTo("other");
    } finally {
      server.shutdownNow().awaitTermination();
    }
  }

  @Test
  void peerThatComesBackIsFoundWithinTheReconnectPause() throws Exception {
    var server = serve("other", 0);
    int port = server.getPort();
    members.add(member(OTHER, Optional.of(new Endpoint("127.0.0.1", port))));
    ask(services.on(OTHER));
    server.shutdownNow().awaitTermination();
    assertThat(refusal(services.on(OTHER))).isEqualTo(Reason.UNREACHABLE);
    // long enough for gRPC's own pause to have grown past a second
    await()
        .during(Duration.ofMillis(2500))
        .atMost(Duration.ofSeconds(5))
        .until(() -> refusal(services.on(OTHER)) == Reason.UNREACHABLE);
    server = serve("other", port);
    try {
      await()
          .atMost(Duration.ofMillis(900))
          .pollInterval(Duration.ofMillis(20))
          .ignoreExceptions()
          .until(() -> ask(services.on(OTHER)).getNodeId().equals("other"));
    } finally {
      server.shutdownNow().awaitTermination();
    }
  }

  @Test
  void nodeThatOnlyDialsOutIsReachedOverItsStream() {
    members.add(member(OTHER, Optional.empty()));
    assertThat(refusal(services.on(OTHER))).isEqualTo(Reason.UNREACHABLE);
    local.serve(List.of(named("by tunnel")));
    tunnel = Optional.of(local.channel());
    assertThat(ask(services.on(OTHER)).getNodeId()).isEqualTo("by tunnel");
  }

  @Test
  void strangerIsUnreachable() {
    assertThat(refusal(services.on(OTHER))).isEqualTo(Reason.UNREACHABLE);
  }

  @Test
  void leaderThatNobodyKnowsIsRefused() {
    assertThatThrownBy(services::onLeader)
        .isInstanceOfSatisfying(
            Refusal.class, r -> assertThat(r.reason()).isEqualTo(Reason.NO_QUORUM));
  }

  @Test
  void closedChannelsCallNobody() {
    channels.close();
    assertThat(refusal(channels.to(new Endpoint("127.0.0.1", 1)))).isEqualTo(Reason.UNREACHABLE);
  }

  private final class FakeMembership implements Membership {
    @Override
    public List<Member> members() {
      return members;
    }

    @Override
    public AutoCloseable subscribe(Consumer<MembershipEvent> subscriber) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void leave() {}

    @Override
    public void close() {}
  }

  private final class FakeConsensus implements Consensus {
    @Override
    public Leadership leadership() {
      return new Leadership(Role.FOLLOWER, leader, Epoch.ZERO, Moment.MIN);
    }

    @Override
    public boolean leadsNow(Epoch epoch) {
      return false;
    }

    @Override
    public AutoCloseable subscribe(Consumer<LeadershipEvent> subscriber) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Ledger ledger() {
      throw new UnsupportedOperationException();
    }

    @Override
    public List<NodeId> voters() {
      return List.of(SELF, OTHER);
    }

    @Override
    public Epoch stepDown(String cause) {
      throw new UnsupportedOperationException();
    }

    @Override
    public NodeId transfer(Optional<NodeId> target) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void close() {}
  }
}
