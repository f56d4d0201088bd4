package io.ringrift.kernel.membership.hybrid;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.grpc.Server;
import io.ringrift.kernel.Endpoint;
import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.Leadership;
import io.ringrift.kernel.Member;
import io.ringrift.kernel.MemberState;
import io.ringrift.kernel.Membership;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Timing;
import io.ringrift.kernel.membership.MembershipContract;
import io.ringrift.kernel.membership.http.TestCluster;
import io.ringrift.kernel.membership.swim.SwimCluster;
import io.ringrift.kernel.membership.swim.SwimConfig;
import io.ringrift.kernel.membership.swim.SwimTiming;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class HybridMembershipTest extends MembershipContract {
  private static final Duration LONG = Duration.ofSeconds(30);

  @Override
  protected Nodes open() {
    return new HybridNodes();
  }

  @Test
  void aNodeThatCanOnlyDialOutIsSeenByPolling() {
    try (var nodes = new HybridNodes()) {
      var voter = nodes.start("n1");
      nodes.start("n2");
      var worker = nodes.startOutboundOnly("worker");

      await()
          .atMost(LONG)
          .untilAsserted(
              () -> {
                var seen = voter.member(new NodeId("worker"));
                assertThat(seen.map(Member::state)).contains(MemberState.ALIVE);
                assertThat(seen.map(Member::outboundOnly)).contains(true);
                assertThat(worker.member(new NodeId("n2")).map(Member::alive)).contains(true);
              });
      assertThat(((HybridMembership) worker).swimStatus()).isEmpty();
    }
  }

  @Test
  void whomSwimAloneLostIsSuspectAndNotDead() {
    try (var nodes = new HybridNodes()) {
      var one = nodes.start("n1");
      nodes.start("n2");
      await()
          .atMost(LONG)
          .untilAsserted(
              () -> {
                assertThat(one.member(new NodeId("n2")).map(Member::alive)).contains(true);
                assertThat(((HybridMembership) one).swimStatus().orElseThrow().members())
                    .hasSize(2);
              });

      nodes.swim.split(Set.of("n1"), Set.of("n2"));

      await().atMost(LONG).until(() -> swimSees(one) == MemberState.DEAD);
      await()
          .during(nodes.detection(2))
          .atMost(LONG)
          .until(() -> one.member(new NodeId("n2")).orElseThrow().state() == MemberState.SUSPECT);
    }
  }

  private static MemberState swimSees(Membership at) {
    return ((HybridMembership) at)
        .swimStatus().orElseThrow().members().stream()
            .filter(member -> member.id().equals(new NodeId("n2")))
            .findFirst()
            .orElseThrow()
            .state();
  }

  private static final class HybridNodes implements Nodes {
    private static final Timing TIMING = TestCluster.FAST;

    private record Running(HybridMembership membership, Server server) {}

    private final TestCluster polled = new TestCluster("n1", "n2", "n3", "n4", "n5");
    private final SwimCluster swim = new SwimCluster(TIMING, "n1", "n2", "n3", "n4", "n5");
    private final Map<String, Running> running = new LinkedHashMap<>();

    @Override
    public Membership start(String id) {
      return start(id, "test", TIMING.lease(), true);
    }

    @Override
    public Membership startWithOtherSettings(String id) {
      return start(id, "test", TIMING.lease().plusSeconds(1), true);
    }

    @Override
    public Membership startOfAnotherCluster(String id) {
      return start(id, "other", TIMING.lease(), true);
    }

    Membership startOutboundOnly(String id) {
      return start(id, "test", TIMING.lease(), false);
    }

    private Membership start(String id, String clusterId, Duration lease, boolean dialled) {
      var at = Optional.of(new Endpoint(id, 8770)).filter(_ -> dialled);
      var http = polled.config(id, at, polled.settings(clusterId, lease));
      var base = swim.config(id, clusterId, lease);
      var config =
          new SwimConfig(
              polled.settings(clusterId, lease),
              base.self(),
              http.boot(),
              at,
              base.bindHost(),
              base.bindPort(),
              base.advertise().filter(_ -> dialled),
              polled.voters,
              base.seeds(),
              TIMING,
              SwimTiming.of(TIMING),
              Optional.empty());
      var membership =
          HybridMembership.open(
              http,
              polled.ports(id),
              config,
              swim.ports(config.self(), Leadership.unknown(Epoch.ZERO)));
      membership.swim().ifPresent(s -> swim.attach(config.self(), s));
      running.put(id, new Running(membership, polled.serve(id, membership.services())));
      return membership;
    }

    @Override
    public void kill(String id) {
      var node = Objects.requireNonNull(running.remove(id));
      node.server().shutdownNow();
      node.membership().close();
    }

    @Override
    public void split(Set<String> one, Set<String> other) {
      polled.split(one, other);
      swim.split(one, other);
    }

    @Override
    public void heal() {
      polled.heal();
      swim.heal();
    }

    @Override
    public Duration detection(int members) {
      return SwimTiming.of(TIMING).worstDetection(members).plus(TIMING.deadAfter().multipliedBy(2));
    }

    @Override
    public void close() {
      for (String id : Set.copyOf(running.keySet())) {
        kill(id);
      }
      polled.close();
    }
  }
}
