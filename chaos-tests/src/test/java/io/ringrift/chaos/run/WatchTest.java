package io.ringrift.chaos.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.ringrift.chaos.evidence.EvidenceRecorder;
import io.ringrift.chaos.evidence.Expectations;
import io.ringrift.chaos.evidence.RunEvidence;
import io.ringrift.chaos.evidence.Setting;
import io.ringrift.chaos.history.History;
import io.ringrift.chaos.history.RunClock;
import io.ringrift.election.v1.ElectionServiceGrpc;
import io.ringrift.election.v1.GetLeadershipRequest;
import io.ringrift.election.v1.GetLeadershipResponse;
import io.ringrift.kernel.Endpoint;
import io.ringrift.kernel.time.Ticker;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
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
}
