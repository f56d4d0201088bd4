package io.ringrift.managers.placement;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.Channel;
import io.grpc.ManagedChannel;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.stub.StreamObserver;
import io.ringrift.kernel.BootId;
import io.ringrift.kernel.Endpoint;
import io.ringrift.kernel.Incarnation;
import io.ringrift.kernel.Member;
import io.ringrift.kernel.MemberState;
import io.ringrift.kernel.Membership;
import io.ringrift.kernel.MembershipEvent;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.gossip.GossipBoard;
import io.ringrift.kernel.time.Moment;
import io.ringrift.managers.Health;
import io.ringrift.managers.Services;
import io.ringrift.placement.v1.ListNodesRequest;
import io.ringrift.placement.v1.ListNodesResponse;
import io.ringrift.placement.v1.SetDrainRequest;
import io.ringrift.placement.v1.SetDrainResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Health of SPEC 5.2, with a state that does not answer and nodes of which nothing is heard.
final class NodeSelectorTest {
  private final ManagedChannel nobody = InProcessChannelBuilder.forName("nobody").build();

  @AfterEach
  void close() {
    nobody.shutdownNow();
  }

  private static Member member(String id, MemberState state) {
    return new Member(
        new NodeId(id),
        new BootId(1),
        Incarnation.ZERO,
        state,
        Optional.of(new Endpoint("127.0.0.1", 8770)),
        true,
        false,
        new Moment(0),
        false,
        0);
  }

  private NodeSelector selector(Member... members) {
    return new NodeSelector(
        new NobodyAnswers(),
        new Known(List.of(members)),
        new NothingHeard(),
        () -> new Moment(0),
        new NodeSelector.Settings(PlacementLimits.spec(), Duration.ofSeconds(10), List.of()));
  }

  @Test
  void withoutAnAliveNodeItIsAnError() {
    var health = selector(member("a", MemberState.DEAD)).health();
    assertThat(health.status()).isEqualTo(Health.Status.ERROR);
    assertThat(health.message()).isEqualTo("No alive nodes");
    assertThat(health.details()).containsEntry("alive_nodes", "0");
  }

  @Test
  void aNodeWithoutGpuIsEnough() {
    var health = selector(member("a", MemberState.ALIVE)).health();
    assertThat(health.status()).isEqualTo(Health.Status.RUNNING);
    assertThat(health.details()).containsEntry("alive_nodes", "1").containsEntry("gpu_nodes", "0");
  }

  @Test
  void moreThanHalfOfTheNodesUnhealthyIsDegraded() {
    var selector =
        selector(
            member("a", MemberState.ALIVE),
            member("b", MemberState.DEAD),
            member("c", MemberState.DEAD));
    selector.listNodes(ListNodesRequest.getDefaultInstance(), new Told(_ -> {}));
    assertThat(selector.health().status()).isEqualTo(Health.Status.DEGRADED);
    assertThat(selector.health().message()).isEqualTo("2 of 3 nodes are unhealthy");
  }

  @Test
  void drainsThatTheStateDoesNotTellAreUnknown() {
    var told = new AtomicReference<>(ListNodesResponse.getDefaultInstance());
    selector(member("a", MemberState.ALIVE))
        .listNodes(ListNodesRequest.getDefaultInstance(), new Told(told::set));
    assertThat(told.get().getNodesCount()).isEqualTo(1);
    assertThat(told.get().getDrainsUnknown()).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "0, 999999999",
    "1, -1",
    "2592000, 1",
    "-9223372036854775808, -999999999",
    "9223372036854775807, 999999999"
  })
  void aDrainThatLiftsItselfLastsFromOneSecondToThirtyDays(long seconds, int nanos) {
    var request =
        SetDrainRequest.newBuilder()
            .setNodeId("a")
            .setDrain(true)
            .setLiftedAfter(
                com.google.protobuf.Duration.newBuilder().setSeconds(seconds).setNanos(nanos))
            .build();
    var selector = selector(member("a", MemberState.ALIVE));
    assertThatThrownBy(() -> selector.setDrain(request, new NoOne()))
        .hasMessageContaining("lifted_after")
        .hasMessageContaining(seconds + " s and " + nanos + " ns");
  }

  private static final class NoOne implements StreamObserver<SetDrainResponse> {
    @Override
    public void onNext(SetDrainResponse taken) {}

    @Override
    public void onError(Throwable failure) {}

    @Override
    public void onCompleted() {}
  }

  private final class NobodyAnswers implements Services {
    @Override
    public NodeId self() {
      return new NodeId("a");
    }

    @Override
    public Channel local() {
      return nobody;
    }

    @Override
    public Channel on(NodeId node) {
      return nobody;
    }

    @Override
    public Channel onLeader() {
      return nobody;
    }
  }

  private record Known(List<Member> members) implements Membership {
    @Override
    public AutoCloseable subscribe(Consumer<MembershipEvent> subscriber) {
      return () -> {};
    }

    @Override
    public void leave() {}

    @Override
    public void close() {}
  }

  private static final class NothingHeard implements GossipBoard {
    @Override
    public void publish(byte[] payload) {}

    @Override
    public Map<NodeId, Posting> postings() {
      return Map.of();
    }
  }

  private record Told(Consumer<ListNodesResponse> answers)
      implements StreamObserver<ListNodesResponse> {
    @Override
    public void onNext(ListNodesResponse answer) {
      answers.accept(answer);
    }

    @Override
    public void onError(Throwable failure) {
      throw new AssertionError(failure);
    }

    @Override
    public void onCompleted() {}
  }
}
