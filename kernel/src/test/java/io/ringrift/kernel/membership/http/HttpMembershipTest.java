package io.ringrift.kernel.membership.http;

import static io.ringrift.kernel.membership.http.TestCluster.seen;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.ringrift.kernel.BootId;
import io.ringrift.kernel.Endpoint;
import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.Incarnation;
import io.ringrift.kernel.MemberState;
import io.ringrift.kernel.MembershipEvent;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.wire.ClusterSettings;
import io.ringrift.kernel.wire.Intro;
import io.ringrift.kernel.wire.MembershipClient;
import io.ringrift.membership.v1.MembershipServiceGrpc;
import io.ringrift.membership.v1.WatchMembersRequest;
import io.ringrift.membership.v1.WatchMembersResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HttpMembershipTest {
  /// gRPC's in-process server lets a call that meets its end fail with a NullPointerException on
  /// the caller's thread, which Awaitility would take for the test's own.
  @BeforeAll
  static void watchOnlyTheTestsThread() {
    Awaitility.doNotCatchUncaughtExceptionsByDefault();
  }

  private static final Duration LONG = Duration.ofSeconds(15);
  private final TestCluster cluster = new TestCluster("n1", "n2", "n3");

  @AfterEach
  void close() {
    cluster.close();
  }

  @Test
  void threeNodesSeeEachOther() {
    var nodes = startAll();

    nodes.forEach(
        node ->
            assertThat(node.membership().members())
                .extracting(m -> m.id().value())
                .containsExactly("n1", "n2", "n3"));
    assertThat(cluster.audit).anyMatch(line -> line.startsWith("n1 member-state"));
  }

  @Test
  void aKilledNodeIsDead() {
    var nodes = startAll();
    List<MembershipEvent> events = Collections.synchronizedList(new ArrayList<>());
    var _ = nodes.get(0).membership().subscribe(events::add);

    nodes.get(2).kill();

    await().atMost(LONG).untilAsserted(() -> sees(nodes.get(0), "n3", MemberState.DEAD));
    await().atMost(LONG).until(() -> events.size() >= 2);
    assertThat(events.get(0)).isInstanceOf(MembershipEvent.Suspected.class);
    assertThat(events.get(1)).isInstanceOf(MembershipEvent.Died.class);
  }

  @Test
  void aKilledNodeThatStartsAgainIsANewLife() {
    var nodes = startAll();
    BootId old = nodes.get(0).membership().member(new NodeId("n3")).orElseThrow().boot();
    nodes.get(2).kill();

    cluster.start("n3");

    await()
        .atMost(LONG)
        .untilAsserted(
            () -> {
              sees(nodes.get(0), "n3", MemberState.ALIVE);
              assertThat(nodes.get(0).membership().member(new NodeId("n3")).orElseThrow().boot())
                  .isNotEqualTo(old);
            });
  }

  @Test
  void aNodeThatLeavesIsLeftAtOnce() {
    var nodes = startAll();

    nodes.get(2).membership().leave();

    await()
        .atMost(TestCluster.FAST.suspectAfter())
        .untilAsserted(
            () -> {
              sees(nodes.get(0), "n3", MemberState.LEFT);
              sees(nodes.get(1), "n3", MemberState.LEFT);
            });
  }

  @Test
  void helloWithOtherSettingsIsRefusedNamingBothValues() {
    cluster.start("n1");
    assertHelloRefused(
        cluster.settings(Duration.ofSeconds(60)), "lease_duration is PT2S against PT1M");
  }

  @ParameterizedTest
  @CsvSource({
    "http, raft, consensus_mode is bully against raft",
    "http, hybrid, consensus_mode is bully against hybrid",
    "hybrid, bully, membership_mode is http against hybrid",
    "swim, bully, membership_mode is http against swim"
  })
  void helloOfANodeInAnotherModeIsRefusedNamingBothModes(
      String membership, String consensus, String difference) {
    cluster.start("n1");
    assertHelloRefused(cluster.settings(membership, consensus), difference);
  }

  private void assertHelloRefused(ClusterSettings theirs, String difference) {
    var intro =
        new Intro(
            new NodeId("n2"),
            new BootId(77),
            Incarnation.ZERO,
            Optional.of(new Endpoint("n2", 8770)),
            Optional.empty(),
            Epoch.ZERO);
    assertThatThrownBy(
            () ->
                new MembershipClient(Duration.ofSeconds(5))
                    .hello(cluster.channel(new Endpoint("n1", 8770)), intro, theirs))
        .isInstanceOfSatisfying(
            Refusal.class,
            refusal -> {
              assertThat(refusal.reason()).isEqualTo(Reason.SETTINGS_MISMATCH);
              assertThat(refusal.text())
                  .contains("nodes n1 and n2 have different cluster settings: " + difference)
                  .contains("make them equal and restart the node that is wrong");
            });
  }

  @Test
  void aNodeWithOtherSettingsIsNotAdmitted() {
    var one = cluster.start("n1");
    var two = cluster.start("n2");
    var wrong =
        cluster.start(
            "n3", Optional.of(new Endpoint("n3", 8770)), Duration.ofSeconds(3), List.of());

    await().atMost(LONG).untilAsserted(() -> sees(one, "n2", MemberState.ALIVE));
    await()
        .during(Duration.ofMillis(600))
        .atMost(LONG)
        .until(() -> seen(one, "n3").isEmpty() && seen(wrong, "n1").isEmpty());
    await().atMost(LONG).untilAsserted(() -> sees(two, "n1", MemberState.ALIVE));
  }

  @Test
  void watchTellsThePresentMembersThenEveryChange() {
    var nodes = startAll();
    var watch =
        MembershipServiceGrpc.newBlockingStub(cluster.channel(new Endpoint("n1", 8770)))
            .withDeadlineAfter(15, TimeUnit.SECONDS)
            .watchMembers(WatchMembersRequest.getDefaultInstance());
    var first = List.of(watch.next(), watch.next(), watch.next());

    nodes.get(2).membership().leave();

    assertThat(first).extracting(r -> r.getMember().getNodeId()).containsExactly("n1", "n2", "n3");
    WatchMembersResponse change = watch.next();
    assertThat(change.getMember().getNodeId()).isEqualTo("n3");
    assertThat(change.getMember().getState())
        .isEqualTo(io.ringrift.membership.v1.MemberState.MEMBER_STATE_LEFT);
  }

  private List<TestCluster.Running> startAll() {
    var nodes = List.of(cluster.start("n1"), cluster.start("n2"), cluster.start("n3"));
    await()
        .atMost(LONG)
        .untilAsserted(
            () ->
                nodes.forEach(
                    node -> {
                      assertThat(node.membership().members()).hasSize(3);
                      assertThat(node.membership().members()).allMatch(m -> m.alive());
                    }));
    return nodes;
  }

  private static void sees(TestCluster.Running node, String id, MemberState state) {
    assertThat(seen(node, id)).contains(state);
  }
}
