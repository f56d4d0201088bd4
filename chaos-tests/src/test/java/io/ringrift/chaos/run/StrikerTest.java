package io.ringrift.chaos.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.grpc.Server;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.ringrift.chaos.evidence.EvidenceRecorder;
import io.ringrift.chaos.evidence.Expectations;
import io.ringrift.chaos.evidence.FaultBand;
import io.ringrift.chaos.evidence.Setting;
import io.ringrift.chaos.history.History;
import io.ringrift.chaos.history.RunClock;
import io.ringrift.chaos.link.Link;
import io.ringrift.chaos.scenario.FaultKind;
import io.ringrift.chaos.scenario.FaultSpec;
import io.ringrift.election.v1.ElectionServiceGrpc;
import io.ringrift.election.v1.GetLeadershipRequest;
import io.ringrift.election.v1.GetLeadershipResponse;
import io.ringrift.election.v1.Role;
import io.ringrift.kernel.Endpoint;
import io.ringrift.kernel.time.Ticker;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Whom faults strike, and what shows that they did.
@Timeout(60)
final class StrikerTest {
  private static final Duration SOON = Duration.ofMillis(100);

  /// A voter that leads when it is told to, after so many further questions.
  private static final class Voter extends ElectionServiceGrpc.ElectionServiceImplBase {
    private volatile long epoch;
    private final AtomicInteger questions = new AtomicInteger();

    void leads(long inEpoch, int behind) {
      questions.set(behind);
      epoch = inEpoch;
    }

    @Override
    public void getLeadership(
        GetLeadershipRequest request, StreamObserver<GetLeadershipResponse> reply) {
      boolean leads = epoch > 0 && questions.getAndDecrement() <= 0;
      reply.onNext(
          GetLeadershipResponse.newBuilder()
              .setRole(leads ? Role.ROLE_LEADER : Role.ROLE_FOLLOWER)
              .setEpoch(epoch)
              .build());
      reply.onCompleted();
    }

    Server serve() throws IOException {
      return NettyServerBuilder.forAddress(
              new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
          .addService(this)
          .build()
          .start();
    }
  }

  @TempDir private Path folder;
  private final RunClock clock = new RunClock(Ticker.system());
  private final EvidenceRecorder recorder = new EvidenceRecorder(1000);
  private final History history = new History(clock, 100);
  private final Voter first = new Voter();
  private final Voter second = new Voter();

  /// The second voter comes to lead a while after the first one was killed.
  private QuietGround ground(Path at) {
    return new QuietGround(at) {
      @Override
      public List<String> kill(List<String> nodes) {
        first.leads(0, 0);
        second.leads(2, 5);
        return nodes;
      }
    };
  }

  private static FaultSpec fault(FaultKind kind, Duration at, String... targets) {
    return new FaultSpec(kind, at, Duration.ofMillis(10), List.of(targets), List.of(), Map.of());
  }

  private List<FaultBand> bands() {
    var setting =
        new Setting("s", "", "", "", "", 1, "", List.of(), List.of(), Duration.ZERO, Duration.ZERO);
    return recorder.evidence(setting, Expectations.NONE, history).faults();
  }

  private void run(FaultSpec... faults) throws Exception {
    run(ground(folder), faults);
  }

  private void run(QuietGround ground, FaultSpec... faults) throws Exception {
    Server one = first.serve();
    Server other = second.serve();
    var at =
        Map.of(
            "n1",
            new Endpoint("127.0.0.1", one.getPort()),
            "n2",
            new Endpoint("127.0.0.1", other.getPort()));
    first.leads(1, 0);
    try (var watch = new Watch(at, clock, recorder)) {
      await().until(() -> watch.ledLast().isPresent());
      var striker = new Striker(ground, watch, clock, recorder, history, 1, () -> {});
      new Timeline(striker, clock).run(List.of(faults), () -> false);
    } finally {
      one.shutdownNow();
      other.shutdownNow();
    }
  }

  @Test
  void aFaultOfTheLeaderWaitsForOneWhenTheLastWasStartedAgain() throws Exception {
    run(fault(FaultKind.KILL, Duration.ZERO, "leader"), fault(FaultKind.KILL, SOON, "leader"));
    assertThat(bands())
        .extracting(FaultBand::targets)
        .containsExactly(List.of("n1"), List.of("n2"));
    assertThat(bands()).extracting(FaultBand::takesLeader).containsExactly(true, true);
  }

  @Test
  void aFaultThatNothingShowsHasNoEffect() throws Exception {
    run(
        fault(FaultKind.PAUSE, Duration.ZERO, "n1"),
        fault(FaultKind.CONFIG, Duration.ZERO, "n9"),
        fault(FaultKind.ISOLATE, Duration.ZERO, "n1"));
    assertThat(bands()).hasSize(3).allMatch(band -> band.effect().isEmpty());
  }

  /// As where another fault has started them meanwhile.
  @Test
  void aFaultThatCannotBeEndedKeepsNoOtherInForce() throws Exception {
    var resumed = new ArrayList<String>();
    var ground =
        new QuietGround(folder) {
          @Override
          public void start(String node, List<String> more) {
            throw new IllegalStateException(node + " runs already");
          }

          @Override
          public void signal(String node, String name) {
            resumed.add(node + " " + name);
          }
        };
    try (var watch = new Watch(Map.of(), clock, recorder)) {
      var striker = new Striker(ground, watch, clock, recorder, history, 1, () -> {});
      striker.begin(0, fault(FaultKind.PAUSE, Duration.ZERO, "n1"));
      striker.begin(1, fault(FaultKind.KILL, Duration.ZERO, "n1"));
      striker.begin(2, fault(FaultKind.KILL, Duration.ZERO, "n2"));
      assertThatThrownBy(striker::endAll)
          .isInstanceOf(IOException.class)
          .hasMessageContaining("n1 runs already")
          .hasMessageContaining("n2 runs already");
    }
    assertThat(resumed).endsWith("n1 CONT");
    assertThat(bands()).extracting(FaultBand::name).containsExactly("pause");
  }

  /// As `one` way from node to node.
  private static FaultSpec cut(String from, String to) {
    return new FaultSpec(
        FaultKind.CUT,
        Duration.ZERO,
        Duration.ofMillis(10),
        List.of(from),
        List.of(to),
        Map.of("one_way", "true"));
  }

  @Test
  void aFaultOfALinkIsNotShownByWhatAnotherOneStruckMeanwhile() throws Exception {
    var busy = new Link("n1", "n2");
    var strikes = new AtomicInteger();
    var ground =
        new QuietGround(folder) {
          @Override
          public long struck(Collection<Link> links) {
            return links.contains(busy) ? strikes.incrementAndGet() : 0;
          }
        };
    run(ground, cut("n1", "n2"), cut("n2", "n1"));
    assertThat(bands())
        .filteredOn(band -> band.targets().equals(List.of("n2>n1")))
        .singleElement()
        .matches(band -> band.effect().isEmpty());
    assertThat(bands())
        .filteredOn(band -> band.targets().equals(List.of("n1>n2")))
        .singleElement()
        .matches(band -> band.effect().startsWith("1 times"));
  }
}
