package io.ringrift.kernel.membership.swim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.ringrift.kernel.Endpoint;
import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.Leadership;
import io.ringrift.kernel.MemberState;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.Role;
import io.ringrift.kernel.Timing;
import io.ringrift.kernel.time.Moment;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// What mode `swim` does beyond the contract of all modes.
final class SwimFeaturesTest {
  private static final Duration LONG = Duration.ofSeconds(30);

  private SwimCluster cluster = new SwimCluster(Timing.lan(), "n1", "n2", "n3");

  @AfterEach
  void close() {
    cluster.close();
  }

  @Test
  void manyMembersSeeADeathWithinTheBound() {
    int size = Integer.getInteger("swim.members", 12);
    cluster = new SwimCluster(Timing.lan(), names(3));
    var nodes =
        IntStream.rangeClosed(1, size)
            .mapToObj(i -> cluster.start("n" + i))
            .collect(java.util.stream.Collectors.toCollection(ArrayList::new));
    await()
        .atMost(LONG.multipliedBy(2))
        .until(() -> nodes.stream().allMatch(node -> node.members().size() == size));
    nodes.removeLast();
    var last = new NodeId("n" + size);

    cluster.kill(last.value());

    await()
        .atMost(SwimTiming.of(Timing.lan()).worstDetection(size).plusSeconds(5))
        .until(
            () ->
                nodes.stream()
                    .allMatch(node -> node.member(last).orElseThrow().state() == MemberState.DEAD));
  }

  @Test
  void theKilledAreDeadLongBeforeTheirSuspicionEndsAndTheSilentAreNot() {
    Duration forever = Duration.ofMinutes(10);
    var nodes = IntStream.rangeClosed(1, 3).mapToObj(i -> startSuspecting(i, forever)).toList();
    await().atMost(LONG).until(() -> nodes.stream().allMatch(n -> n.members().size() == 3));
    var first = nodes.getFirst();

    cluster.split(Set.of("n1", "n3"), Set.of("n2"));
    await().atMost(LONG).until(() -> state(first, "n2") == MemberState.SUSPECT);
    cluster.kill("n3");
    await().atMost(LONG).until(() -> state(first, "n3") == MemberState.DEAD);

    assertThat(state(first, "n2")).isEqualTo(MemberState.SUSPECT);
  }

  private SwimMembership startSuspecting(int number, Duration suspicion) {
    SwimConfig lan = cluster.config("n" + number, "test", Timing.lan().lease());
    var config =
        new SwimConfig(
            lan.settings(),
            lan.self(),
            lan.boot(),
            lan.endpoint(),
            lan.bindHost(),
            lan.bindPort(),
            lan.advertise(),
            lan.voters(),
            lan.seeds(),
            lan.timing(),
            lan.swim().withSuspicion(suspicion),
            lan.tls());
    return cluster.start(config, Leadership.unknown(Epoch.ZERO));
  }

  private static MemberState state(SwimMembership at, String member) {
    return at.member(new NodeId(member)).orElseThrow().state();
  }

  @Test
  void aQuestionIsRepeatedUntilItsWaitIsHalfOver() {
    var sent = Collections.synchronizedList(new ArrayList<String>());
    var owner = new SwimThread("questions");
    try {
      var answered = new QuestionCopies(owner, Duration.ofSeconds(20));
      answered.start(() -> sent.add("early"), () -> sent.add("early stream"));
      answered.cancel();
      var copies = new QuestionCopies(owner, Duration.ofMillis(80));
      copies.start(() -> sent.add("datagram"), () -> sent.add("stream"));

      await()
          .atMost(LONG)
          .untilAsserted(
              () ->
                  assertThat(sent)
                      .containsExactlyInAnyOrder(
                          "early",
                          "datagram",
                          "datagram",
                          "datagram",
                          "datagram",
                          "datagram",
                          "stream"));
      assertThat(owner.getQueue()).isEmpty();
    } finally {
      owner.shutdownNow();
    }
  }

  @Test
  void whoIsNoVoterLearnsTheLeaderFromVoters() {
    cluster.start(
        cluster.config("n1", "test", Timing.lan().lease()),
        new Leadership(Role.LEADER, Optional.of(new NodeId("n1")), new Epoch(7), Moment.MAX));
    cluster.start("worker");

    await()
        .atMost(LONG)
        .untilAsserted(
            () ->
                assertThat(cluster.hints.getOrDefault(new NodeId("worker"), List.of()))
                    .contains("n1 7"));
  }

  @Test
  void itListensOnTheBindAddressAlone() {
    cluster.start("n1");
    int port = cluster.swimAt(new NodeId("n1")).port();

    assertThatThrownBy(
            () -> {
              try (var socket = new Socket()) {
                socket.connect(new InetSocketAddress("127.0.0.2", port), 2000);
              }
            })
        .isInstanceOf(java.io.IOException.class);
  }

  @Test
  void aPortInUseIsNamed() {
    cluster.start("n1");
    var config = cluster.config("n1", "test", Timing.lan().lease());

    assertThatThrownBy(
            () ->
                SwimMembership.open(
                    config, cluster.ports(new NodeId("n1"), Leadership.unknown(Epoch.ZERO))))
        .isInstanceOf(Refusal.class)
        .hasMessageContaining("swim_bind_port")
        .hasMessageContaining(Integer.toString(config.bindPort()));
  }

  @Test
  void theStatusCountsThisNodeAndTheDead() {
    var one = cluster.start("n1");
    cluster.start("n2");
    await().atMost(LONG).until(() -> one.members().size() == 2);
    cluster.kill("n2");

    await().atMost(LONG).until(() -> one.status().count(MemberState.DEAD) == 1);
    var status = one.status();
    assertThat(status.count(MemberState.ALIVE)).isEqualTo(1);
    assertThat(status.members().getFirst().address())
        .isEqualTo(new Endpoint("n1", 8770).toString());
    assertThat(status.pingInterval()).isEqualTo(Duration.ofMillis(500));
  }

  private static String[] names(int count) {
    return IntStream.rangeClosed(1, count).mapToObj(i -> "n" + i).toArray(String[]::new);
  }
}
