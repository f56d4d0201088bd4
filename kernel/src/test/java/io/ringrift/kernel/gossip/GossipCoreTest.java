package io.ringrift.kernel.gossip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.ringrift.kernel.BootId;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.time.Moment;
import io.ringrift.kernel.wire.Exchange;
import io.ringrift.kernel.wire.Fact;
import io.ringrift.kernel.wire.FactVersion;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GossipCoreTest {
  private static final NodeId A = new NodeId("a");
  private static final NodeId B = new NodeId("b");
  private static final BootId BOOT = new BootId(1);
  private static final BootId LATER = new BootId(2);
  private static final Moment NOW = new Moment(0);
  private static final GossipCore.Known NOBODY = new GossipCore.Known(Map.of());
  private static final Duration FORGET = Duration.ofMinutes(2);

  @Test
  void aNewerPostingReplacesTheOlderEverywhere() {
    var a = core(A);
    var b = core(B);
    a.publish(NOW, bytes("old"));
    exchange(a, b);
    a.publish(NOW, bytes("new"));

    exchange(a, b);

    assertThat(payload(b, A)).isEqualTo("new");
  }

  @Test
  void anOlderVersionIsIgnored() {
    var a = core(A);
    tell(a, fact(B, BOOT, 0, 2, "new"), NOBODY);

    tell(a, fact(B, BOOT, 0, 1, "old"), NOBODY);

    assertThat(payload(a, B)).isEqualTo("new");
  }

  @Test
  void nobodyIsBelievedAboutOneself() {
    var a = core(A);
    a.publish(NOW, bytes("mine"));

    tell(a, fact(A, LATER, Long.MAX_VALUE, 99, "forged"), NOBODY);

    assertThat(payload(a, A)).isEqualTo("mine");
  }

  @Test
  void aClockInTheFutureLosesToThePresentBoot() {
    var a = core(A);
    var present = new GossipCore.Known(Map.of(B, LATER));
    tell(a, fact(B, BOOT, Long.MAX_VALUE, 500, "future"), NOBODY);

    tell(a, fact(B, LATER, 5, 1, "present"), present);
    tell(a, fact(B, BOOT, Long.MAX_VALUE, 501, "future"), present);

    assertThat(payload(a, B)).isEqualTo("present");
  }

  @Test
  void withoutMembershipTheLaterStartWins() {
    var a = core(A);
    tell(a, fact(B, BOOT, 10, 500, "first"), NOBODY);

    tell(a, fact(B, LATER, 20, 1, "second"), NOBODY);

    assertThat(payload(a, B)).isEqualTo("second");
  }

  @Test
  void factsOfTheForgottenAreDroppedAndThoseOfMembersKept() {
    var a = core(A);
    a.publish(NOW, bytes("mine"));
    tell(a, fact(B, BOOT, 0, 1, "b"), NOBODY);
    Moment late = NOW.plus(FORGET).plus(Duration.ofSeconds(1));

    a.forget(late, new GossipCore.Known(Map.of(B, BOOT)));
    assertThat(a.held()).containsOnlyKeys(A, B);
    a.forget(late, NOBODY);
    assertThat(a.held()).containsOnlyKeys(A);
  }

  @Test
  void aDroppedFactIsNotBroughtBackByAHolderThatStillHasIt() {
    var a = core(A);
    tell(a, fact(B, BOOT, 0, 2, "b"), NOBODY);
    a.forget(NOW.plus(FORGET).plus(Duration.ofSeconds(1)), NOBODY);

    tell(a, fact(B, BOOT, 0, 2, "b"), NOBODY);

    assertThat(a.held()).isEmpty();
  }

  @Test
  void aDroppedFactCountsAgainOnceMembershipKnowsItsOwner() {
    var a = core(A);
    var known = new GossipCore.Known(Map.of(B, BOOT));
    tell(a, fact(B, BOOT, 0, 2, "b"), NOBODY);
    a.forget(NOW.plus(FORGET).plus(Duration.ofSeconds(1)), NOBODY);

    tell(a, fact(B, BOOT, 0, 1, "older"), known);
    assertThat(a.held()).isEmpty();
    tell(a, fact(B, BOOT, 0, 2, "b"), known);

    assertThat(payload(a, B)).isEqualTo("b");
  }

  @Test
  void aPostingAbove16KibIsRefused() {
    assertThatThrownBy(
            () -> core(A).publish(NOW, ByteString.copyFrom(new byte[GossipCore.MAX_PAYLOAD + 1])))
        .isInstanceOf(Refusal.class)
        .hasMessageContaining("16384");
  }

  @Test
  void aMillionForgedNodesFillNoMoreThanTheBound() {
    var a = core(A);
    for (int batch = 0; batch < 100; batch++) {
      int from = batch * 10_000;
      tell(
          a,
          IntStream.range(from, from + 10_000)
              .mapToObj(i -> fact(new NodeId("x" + i), BOOT, 0, 1, ""))
              .toList(),
          NOBODY);
    }

    assertThat(a.held()).hasSize(GossipCore.MAX_NODES);
  }

  @Test
  void aMessageStaysBelowOneMebibyte() {
    var a = core(A);
    for (int i = 0; i < 200; i++) {
      var big = ByteString.copyFrom(new byte[GossipCore.MAX_PAYLOAD]);
      var version = new FactVersion(new NodeId("x" + i), BOOT, 0, 1);
      tell(a, List.of(new Fact(version, big)), NOBODY);
    }

    var answer = a.answer(NOW, new Exchange.Ask(B, "test", List.of(), List.of()), NOBODY);

    assertThat(answer.facts().stream().mapToInt(f -> f.payload().size()).sum())
        .isBetween(GossipCore.MAX_MESSAGE / 2, GossipCore.MAX_MESSAGE);
  }

  @Test
  void fanoutIsLogarithmicAndAtMostEight() {
    var order = IntStream.range(0, 999).mapToObj(i -> new NodeId("x" + i)).toList();

    assertThat(GossipCore.fanout(List.of())).isEmpty();
    assertThat(GossipCore.fanout(order.subList(0, 2))).hasSize(2);
    assertThat(GossipCore.fanout(order.subList(0, 7))).hasSize(4);
    assertThat(GossipCore.fanout(order.subList(0, 8))).hasSize(5);
    assertThat(GossipCore.fanout(order)).hasSize(8);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
  void hundredNodesConvergeWithinAFewRoundsUnderLoss(long seed) {
    var chance = new Random(seed);
    var nodes = IntStream.range(0, 100).mapToObj(i -> core(new NodeId("x" + i))).toList();
    var ids = IntStream.range(0, 100).mapToObj(i -> new NodeId("x" + i)).toList();
    nodes.forEach(node -> node.publish(NOW, bytes("facts")));

    int rounds = 0;
    while (nodes.stream().anyMatch(node -> node.held().size() < 100)) {
      assertThat(++rounds).as("rounds with seed %s", seed).isLessThan(20);
      for (int i = 0; i < 100; i++) {
        var order = new ArrayList<>(ids);
        order.remove(i);
        Collections.shuffle(order, chance);
        for (NodeId peer : GossipCore.fanout(order)) {
          if (chance.nextInt(10) > 2) {
            exchange(nodes.get(i), nodes.get(ids.indexOf(peer)));
          }
        }
      }
    }
  }

  private static GossipCore core(NodeId id) {
    return new GossipCore(id, BOOT, 0, "test", FORGET);
  }

  private static void exchange(GossipCore from, GossipCore to) {
    var answer = to.answer(NOW, from.ask(), NOBODY);
    from.take(NOW, answer, NOBODY)
        .ifPresent(push -> from.take(NOW, to.answer(NOW, push, NOBODY), NOBODY));
  }

  private static void tell(GossipCore to, Fact fact, GossipCore.Known known) {
    tell(to, List.of(fact), known);
  }

  private static void tell(GossipCore to, List<Fact> facts, GossipCore.Known known) {
    var _ = to.answer(NOW, new Exchange.Ask(new NodeId("teller"), "test", List.of(), facts), known);
  }

  private static Fact fact(NodeId id, BootId boot, long bootTime, long counter, String payload) {
    return new Fact(new FactVersion(id, boot, bootTime, counter), bytes(payload));
  }

  private static String payload(GossipCore core, NodeId of) {
    return core.held().values().stream()
        .map(GossipCore.Held::fact)
        .filter(fact -> fact.version().node().equals(of))
        .map(fact -> fact.payload().toStringUtf8())
        .findFirst()
        .orElseThrow();
  }

  private static ByteString bytes(String text) {
    return ByteString.copyFromUtf8(text);
  }
}
