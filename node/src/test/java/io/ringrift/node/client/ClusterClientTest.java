package io.ringrift.node.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.Channel;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.ringrift.kernel.Endpoint;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.wire.ErrorMapping;
import io.ringrift.kernel.wire.Errors;
import io.ringrift.managers.Replies;
import io.ringrift.node.local.FreePorts;
import io.ringrift.status.v1.GetHealthRequest;
import io.ringrift.status.v1.GetHealthResponse;
import io.ringrift.status.v1.StatusServiceGrpc;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Whom a client asks through a failover, and when it rests. Ports 0 to 2; what is not served
/// refuses connections, as a killed process does.
@Timeout(60)
class ClusterClientTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final List<Integer> ports = FreePorts.choose(3);
  private final Map<Integer, Server> servers = new ConcurrentHashMap<>();

  /// Who leads, as a node sees it.
  private final Map<Integer, Integer> leaders = new ConcurrentHashMap<>();

  /// Nodes that stop, and interrupt what is asked of them.
  private final Set<Integer> stopping = ConcurrentHashMap.newKeySet();

  /// Nodes that take a call and never answer it.
  private final Set<Integer> hanging = ConcurrentHashMap.newKeySet();

  /// Nodes whose connections break when they are asked.
  private final Set<Integer> dying = ConcurrentHashMap.newKeySet();

  private final List<Integer> asked = new CopyOnWriteArrayList<>();
  private final List<Duration> rests = new ArrayList<>();

  @AfterEach
  void end() {
    servers.values().forEach(Server::shutdownNow);
  }

  private Endpoint address(int n) {
    return new Endpoint("127.0.0.1", ports.get(n));
  }

  private void serve(int n, int leader) {
    leaders.put(n, leader);
    var service =
        new StatusServiceGrpc.StatusServiceImplBase() {
          @Override
          public void getHealth(
              GetHealthRequest request, StreamObserver<GetHealthResponse> observer) {
            if (hanging.contains(n)) {
              asked.add(n);
            } else {
              Replies.unary(observer, () -> answer(n));
            }
          }
        };
    try {
      servers.put(
          n,
          NettyServerBuilder.forPort(ports.get(n))
              .directExecutor()
              .intercept(new ErrorMapping())
              .addService(service)
              .build()
              .start());
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private GetHealthResponse answer(int n) {
    asked.add(n);
    if (dying.contains(n)) {
      Optional.ofNullable(servers.get(n)).ifPresent(Server::shutdownNow);
      throw Status.UNAVAILABLE.withDescription("gone").asRuntimeException();
    }
    if (stopping.contains(n)) {
      throw new Refusal(Reason.SHUTTING_DOWN, "the call was interrupted");
    }
    int leader = leaders.getOrDefault(n, n);
    if (leader == n) {
      return GetHealthResponse.newBuilder().setNodeId("n" + n).build();
    }
    throw new Refusal(Reason.NOT_LEADER, "another leads")
        .with("leader_address", address(leader).toString());
  }

  /// @param resting what happens at the nth rest, from 1
  private ClusterClient client(Map<Integer, Runnable> resting) {
    return new ClusterClient(
        List.of(address(0), address(1), address(2)),
        Optional.empty(),
        PATIENCE,
        rest -> {
          rests.add(rest);
          resting.getOrDefault(rests.size(), () -> {}).run();
        });
  }

  private static String ask(ClusterClient client) {
    return client.call(ClusterClientTest::health).getNodeId();
  }

  private static String askOnce(ClusterClient client) {
    return client.callOnce(ClusterClientTest::health).getNodeId();
  }

  private static GetHealthResponse health(Channel channel) {
    return StatusServiceGrpc.newBlockingStub(channel)
        .getHealth(GetHealthRequest.getDefaultInstance());
  }

  @Test
  void aRefusedConnectionSendsTheClientToTheNextNodeWithoutARest() {
    serve(2, 2);
    try (var client = client(Map.of())) {
      assertThat(ask(client)).isEqualTo("n2");
    }
    assertThat(rests).isEmpty();
  }

  @Test
  void aNodeThatNamesTheLeaderSendsTheClientThereAtOnce() {
    serve(0, 2);
    serve(2, 2);
    try (var client = client(Map.of())) {
      assertThat(ask(client)).isEqualTo("n2");
    }
    assertThat(asked).containsExactly(0, 2);
    assertThat(rests).isEmpty();
  }

  /// Both survivors still name the leader that was killed: it is tried once between two rests.
  @Test
  void aHintThatIsStaleIsFollowedOnceARound() {
    serve(1, 0);
    serve(2, 0);
    try (var client = client(Map.of(2, () -> leaders.putAll(Map.of(1, 2, 2, 2))))) {
      assertThat(ask(client)).isEqualTo("n2");
    }
    assertThat(asked).containsExactly(1, 2, 1, 2, 1, 2);
    assertThat(rests).hasSize(2);
  }

  @Test
  void restsBeginShortAndGrowToABound() {
    try (var client = client(Map.of(6, () -> serve(1, 1)))) {
      assertThat(ask(client)).isEqualTo("n1");
    }
    assertThat(rests)
        .startsWith(
            Duration.ofMillis(10),
            Duration.ofMillis(20),
            Duration.ofMillis(40),
            ClusterClient.LONGEST_REST,
            ClusterClient.LONGEST_REST);
  }

  /// gRPC alone would wait a second, then longer, before it dials again.
  @Test
  void aNodeThatCameBackIsReachedWithinAFewRests() {
    var client =
        new ClusterClient(
            List.of(address(0)),
            Optional.empty(),
            PATIENCE,
            rest -> {
              rests.add(rest);
              if (rests.size() == 3) {
                serve(0, 0);
              }
              LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
            });
    try (client) {
      assertThat(ask(client)).isEqualTo("n0");
    }
    assertThat(rests.size()).isLessThan(60);
  }

  /// As a claim that waits for work at a node that begins again, or ends.
  @Test
  void aCallThatANodeInterruptsBecauseItStopsGoesToTheNext() {
    stopping.add(0);
    serve(0, 0);
    serve(1, 1);
    try (var client = client(Map.of())) {
      assertThat(ask(client)).isEqualTo("n1");
    }
    assertThat(asked).containsExactly(0, 1);
    assertThat(rests).isEmpty();
  }

  /// As a process does that stands still, whose kernel keeps its connections.
  @Test
  void aNodeThatTakesACallAndNeverAnswersIsNotAskedTheNextTime() {
    hanging.add(0);
    serve(0, 0);
    serve(1, 1);
    try (var client =
        new ClusterClient(
            List.of(address(0), address(1)), Optional.empty(), Duration.ofSeconds(1), rests::add)) {
      assertThatThrownBy(() -> ask(client))
          .isInstanceOfSatisfying(
              Refusal.class, r -> assertThat(r.reason()).isEqualTo(Reason.DEADLINE_EXCEEDED));
      assertThat(ask(client)).isEqualTo("n1");
      assertThat(ask(client)).isEqualTo("n1");
    }
    assertThat(asked).containsExactly(0, 1, 1);
  }

  /// A step-down that went on to the next leader would unseat that one too.
  @Test
  void whatMustNotBeDoneTwiceIsNotPassedOnByANodeThatStops() {
    stopping.add(0);
    serve(0, 0);
    serve(1, 1);
    try (var client = client(Map.of())) {
      assertThatThrownBy(() -> askOnce(client))
          .isInstanceOfSatisfying(
              Refusal.class, e -> assertThat(e.reason()).isEqualTo(Reason.SHUTTING_DOWN));
    }
    assertThat(asked).containsExactly(0);
  }

  @Test
  void whatMustNotBeDoneTwiceIsNotPassedOnWhenTheConnectionBreaksBehindIt() {
    dying.add(0);
    serve(0, 0);
    serve(1, 1);
    try (var client = client(Map.of())) {
      assertThatThrownBy(() -> askOnce(client))
          .isInstanceOfSatisfying(
              Refusal.class, e -> assertThat(e.reason()).isEqualTo(Reason.UNREACHABLE));
    }
    assertThat(asked).containsExactly(0);
  }

  @Test
  void whatMustNotBeDoneTwiceStillFindsTheLeader() {
    serve(1, 2);
    serve(2, 2);
    try (var client = client(Map.of())) {
      assertThat(askOnce(client)).isEqualTo("n2");
    }
    assertThat(asked).containsExactly(1, 2);
  }

  /// Its connections are never accepted, as on a machine that stands still.
  @Test
  void anAddressThatTakesNoConnectionInTimeIsToldAsOneWhereNobodyAnswers() throws IOException {
    try (var silent = new ServerSocket(ports.get(0), 1, InetAddress.getLoopbackAddress());
        var client =
            new ClusterClient(List.of(address(0)), Optional.empty(), Duration.ofMillis(300))) {
      for (ThrowingCallable call :
          List.<ThrowingCallable>of(() -> ask(client), () -> askOnce(client))) {
        assertThatThrownBy(call)
            .isInstanceOfSatisfying(
                Refusal.class, e -> assertThat(e.reason()).isEqualTo(Reason.UNREACHABLE))
            .hasMessageContainingAll("127.0.0.1:" + silent.getLocalPort(), "no connection");
      }
      assertThatThrownBy(() -> ask(client)).hasMessageContaining("name another with --address");
      assertThatThrownBy(() -> askOnce(client)).hasMessageContaining("not repeated");
    }
  }

  /// `sync verify` has half an hour, whatever the client's own patience is.
  @Test
  void aCallWithADeadlineOfItsOwnIsToldWithoutTheClientsFigure() throws IOException {
    try (var silent = new ServerSocket(ports.get(0), 1, InetAddress.getLoopbackAddress());
        var client = client(Map.of())) {
      assertThatThrownBy(
              () ->
                  client.callOnce(
                      c ->
                          StatusServiceGrpc.newBlockingStub(c)
                              .withDeadlineAfter(300, TimeUnit.MILLISECONDS)
                              .getHealth(GetHealthRequest.getDefaultInstance())))
          .isInstanceOfSatisfying(
              Refusal.class, e -> assertThat(e.reason()).isEqualTo(Reason.UNREACHABLE))
          .hasMessageContaining("127.0.0.1:" + silent.getLocalPort() + ": no answer in time")
          .hasMessageNotContaining(" ms");
    }
  }

  @Test
  void whatDoesNotPassByItselfIsToldAtOnce() {
    try (var client = client(Map.of())) {
      assertThatThrownBy(
              () ->
                  client.call(
                      _ -> {
                        throw Errors.toStatus(Refusal.invalid("n", "1", "2"));
                      }))
          .isInstanceOf(Refusal.class)
          .hasMessageContaining("must be 2");
    }
    assertThat(rests).isEmpty();
  }
}
