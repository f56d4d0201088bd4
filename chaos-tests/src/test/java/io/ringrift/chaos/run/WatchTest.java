package io.ringrift.chaos.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.grpc.Server;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.ringrift.chaos.evidence.EvidenceRecorder;
import io.ringrift.chaos.evidence.Expectations;
import io.ringrift.chaos.evidence.RunEvidence;
import io.ringrift.chaos.evidence.Setting;
import io.ringrift.chaos.evidence.ViewSample;
import io.ringrift.chaos.history.History;
import io.ringrift.chaos.history.RunClock;
import io.ringrift.election.v1.ElectionServiceGrpc;
import io.ringrift.election.v1.GetLeadershipRequest;
import io.ringrift.election.v1.GetLeadershipResponse;
import io.ringrift.kernel.Endpoint;
import io.ringrift.kernel.time.Ticker;
import io.ringrift.membership.v1.ListMembersRequest;
import io.ringrift.membership.v1.ListMembersResponse;
import io.ringrift.membership.v1.Member;
import io.ringrift.membership.v1.MemberState;
import io.ringrift.membership.v1.MembershipServiceGrpc;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

final class WatchTest {
  private final RunClock clock = new RunClock(Ticker.system());
  private final EvidenceRecorder recorder = new EvidenceRecorder(100);

  private RunEvidence evidence() {
    var setting =
        new Setting("s", "", "", "", "", 1, "", List.of(), List.of(), Duration.ZERO, Duration.ZERO);
    return recorder.evidence(setting, Expectations.NONE, new History(clock, 1));
  }

  /// It tells who leads and does not know the call for members.
  private static final class Leadership extends ElectionServiceGrpc.ElectionServiceImplBase {
    @Override
    public void getLeadership(
        GetLeadershipRequest request, StreamObserver<GetLeadershipResponse> observer) {
      observer.onNext(GetLeadershipResponse.newBuilder().setLeaderId("n1").setEpoch(3).build());
      observer.onCompleted();
    }
  }

  @Test
  void aNodeThatDoesNotTellItsMembersIsToldAsSuchOnce() throws Exception {
    var server =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .addService(new Leadership())
            .build()
            .start();
    var at = new Endpoint("127.0.0.1", server.getPort());
    try (var _ = new Watch(Map.of("n1", at), clock, recorder)) {
      await().until(() -> evidence().samples().stream().filter(s -> s.answered()).count() > 2);
    } finally {
      server.shutdownNow();
    }
    assertThat(evidence().views())
        .singleElement()
        .satisfies(view -> assertThat(view.told()).isFalse());
  }

  /// It tells who leads, and counts on itself and n2.
  private static final class Members extends MembershipServiceGrpc.MembershipServiceImplBase {
    @Override
    public void listMembers(
        ListMembersRequest request, StreamObserver<ListMembersResponse> observer) {
      observer.onNext(
          ListMembersResponse.newBuilder().addMembers(alive("n1")).addMembers(alive("n2")).build());
      observer.onCompleted();
    }

    private static Member alive(String node) {
      return Member.newBuilder().setNodeId(node).setState(MemberState.MEMBER_STATE_ALIVE).build();
    }
  }

  @Test
  void whatANodeTellsBehindASilenceIsToldAnew() throws Exception {
    var both = List.of("n1", "n2");
    var server = members(0);
    var at = new Endpoint("127.0.0.1", server.getPort());
    try (var watch = new Watch(Map.of("n1", at, "n2", at), clock, recorder)) {
      await().until(() -> watch.met(both));
      assertThat(watch.met(List.of("n1", "n2", "n3"))).isFalse();
      server.shutdownNow().awaitTermination();
      await().until(() -> !watch.met(both) && told().size() == 4);
      server = members(at.port());
      await().until(() -> watch.met(both));
    } finally {
      server.shutdownNow();
    }
    assertThat(told()).containsExactly(true, true, false, false, true, true);
  }

  /// Else nobody would look at the node any more, and nothing would show that.
  @Test
  void aRunWithoutAThreadThatWatchesCouldNotBeDone() {
    var broken = new AtomicBoolean();
    var at = new Endpoint("127.0.0.1", 1);
    var clocks =
        new RunClock(
            () -> {
              if (broken.get()) {
                throw new IllegalStateException("no time");
              }
              return Ticker.system().now();
            });
    try (var _ = new Watch(Map.of("n1", at), clocks, recorder)) {
      await().until(() -> !evidence().samples().isEmpty());
      broken.set(true);
      await().until(() -> !evidence().failure().isEmpty());
    }
    assertThat(evidence().failure()).contains("thread watch-n1 of the runner died", "no time");
  }

  private List<Boolean> told() {
    return evidence().views().stream().map(ViewSample::told).toList();
  }

  private static Server members(int port) throws IOException {
    return NettyServerBuilder.forAddress(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), port))
        .addService(new Leadership())
        .addService(new Members())
        .build()
        .start();
  }
}
