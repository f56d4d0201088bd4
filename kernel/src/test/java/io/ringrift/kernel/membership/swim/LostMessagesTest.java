package io.ringrift.kernel.membership.swim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.ringrift.kernel.MemberState;
import io.ringrift.kernel.MembershipEvent;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Timing;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Members whose messages are lost, or that cannot reach each other, are kept by the help of
/// others.
final class LostMessagesTest {
  private static final Duration LONG = Duration.ofSeconds(30);

  private SwimCluster cluster = new SwimCluster(Timing.lan(), "n1", "n2", "n3");

  @AfterEach
  void close() {
    cluster.close();
  }

  @Test
  void lossOfAThirdKillsNobody() {
    var names = IntStream.rangeClosed(1, 7).mapToObj(i -> "n" + i).toList();
    cluster = new SwimCluster(Timing.lan(), names.toArray(String[]::new));
    var nodes = names.stream().map(cluster::start).toList();
    await()
        .atMost(LONG)
        .untilAsserted(() -> assertThat(nodes).allMatch(node -> node.members().size() == 7));
    List<MembershipEvent> events = Collections.synchronizedList(new ArrayList<>());
    nodes.forEach(
        node -> {
          var _ = node.subscribe(events::add);
        });

    cluster.lose(0.3, 7);

    await()
        .during(lossLasts())
        .atMost(lossLasts().plus(LONG))
        .untilAsserted(() -> assertThat(events).noneMatch(MembershipEvent.Died.class::isInstance));
  }

  /// Longer by hand: the figure that the documents state was seen for five minutes.
  private static Duration lossLasts() {
    return Duration.ofSeconds(Long.getLong("swim.loss.seconds", 12));
  }

  @Test
  void aCutInOneDirectionKillsNobodyWhileOthersHelp() {
    var one = cluster.start("n1");
    var two = cluster.start("n2");
    var three = cluster.start("n3");
    await()
        .atMost(LONG)
        .untilAsserted(
            () ->
                assertThat(List.of(one, two, three)).allMatch(node -> node.members().size() == 3));

    cluster.cutOneWay("n1", "n2");

    await()
        .during(SwimTiming.of(Timing.lan()).worstDetection(3))
        .atMost(LONG)
        .untilAsserted(
            () ->
                assertThat(one.member(new NodeId("n2")).orElseThrow().state())
                    .isNotEqualTo(MemberState.DEAD));
  }

  /// Whom this node cannot reach must still be able to answer its suspicion.
  @Test
  void aSuspectRefutesThroughOthers() {
    var one = cluster.start("n1");
    var two = cluster.start("n2");
    var three = cluster.start("n3");
    await()
        .atMost(LONG)
        .untilAsserted(
            () ->
                assertThat(List.of(one, two, three)).allMatch(node -> node.members().size() == 3));
    List<MembershipEvent> events = Collections.synchronizedList(new ArrayList<>());
    var _ = one.subscribe(events::add);

    cluster.split(Set.of("n1"), Set.of("n2", "n3"));
    await()
        .atMost(LONG)
        .untilAsserted(
            () ->
                assertThat(one.member(new NodeId("n2")).orElseThrow().state())
                    .isEqualTo(MemberState.SUSPECT));
    cluster.healAllBut("n1", "n2");

    await()
        .atMost(LONG)
        .untilAsserted(() -> assertThat(one.members()).allMatch(member -> member.alive()));
    assertThat(events).noneMatch(MembershipEvent.Died.class::isInstance);
  }
}
