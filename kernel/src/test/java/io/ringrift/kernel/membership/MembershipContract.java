package io.ringrift.kernel.membership;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.ringrift.kernel.BootId;
import io.ringrift.kernel.Member;
import io.ringrift.kernel.MemberState;
import io.ringrift.kernel.Membership;
import io.ringrift.kernel.MembershipEvent;
import io.ringrift.kernel.NodeId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What membership promises in every mode.
public abstract class MembershipContract {
  /// Real memberships of one mode, whose links can be cut.
  public interface Nodes extends AutoCloseable {
    /// Starts one of the voters n1 to n5, or another node, in a new life.
    Membership start(String id);

    /// Starts one whose lease differs from that of the others.
    Membership startWithOtherSettings(String id);

    /// Starts one of another cluster with the same addresses.
    Membership startOfAnotherCluster(String id);

    /// Ends it without a goodbye.
    void kill(String id);

    void split(Set<String> one, Set<String> other);

    void heal();

    /// From a loss to DEAD at all, at worst, among so many.
    Duration detection(int members);

    @Override
    void close();
  }

  private static final Duration LONG = Duration.ofSeconds(30);

  private final Map<String, Membership> running = new TreeMap<>();
  private Nodes nodes;

  protected abstract Nodes open();

  /// Calls that meet the end of an in-process server may fail on a thread of their own.
  @BeforeAll
  static void watchOnlyTheTestsThread() {
    Awaitility.doNotCatchUncaughtExceptionsByDefault();
  }

  @BeforeEach
  void openNodes() {
    nodes = open();
  }

  @AfterEach
  void closeNodes() {
    nodes.close();
  }

  @Test
  void everyJoinIsSeenByAll() {
    startAll("n1", "n2", "n3");
    start("worker");

    await().atMost(LONG).untilAsserted(() -> everybodySees("worker", MemberState.ALIVE));
    await()
        .atMost(LONG)
        .untilAsserted(
            () -> assertThat(view("worker")).containsExactly("n1", "n2", "n3", "worker"));
  }

  @Test
  void theViewIsSortedAndImmutable() {
    startAll("n3", "n1", "n2");

    List<Member> members = at("n1").members();

    assertThat(members).extracting(m -> m.id().value()).isSorted();
    org.assertj.core.api.Assertions.assertThatThrownBy(members::removeFirst)
        .isInstanceOf(UnsupportedOperationException.class);
    assertThat(at("n1").member(new NodeId("n2")).orElseThrow().voter()).isTrue();
  }

  @Test
  void aKilledNodeIsDeadWithinTheBound() {
    startAll("n1", "n2", "n3");
    var events = events("n1", "n3");

    kill("n3");

    await()
        .atMost(nodes.detection(3).multipliedBy(2).plusSeconds(1))
        .untilAsserted(() -> everybodySees("n3", MemberState.DEAD));
    await().atMost(LONG).until(() -> events.size() >= 2);
    assertThat(events.get(0)).isInstanceOf(MembershipEvent.Suspected.class);
    assertThat(events.get(1)).isInstanceOf(MembershipEvent.Died.class);
  }

  @Test
  void whoLeavesIsLeftAndNeverDead() {
    startAll("n1", "n2", "n3");
    var events = events("n1", "n3");

    at("n3").leave();
    running.remove("n3");
    await().atMost(nodes.detection(3)).untilAsserted(() -> everybodySees("n3", MemberState.LEFT));
    nodes.kill("n3");

    await()
        .during(nodes.detection(3).multipliedBy(2))
        .atMost(LONG)
        .untilAsserted(() -> everybodySees("n3", MemberState.LEFT));
    assertThat(events).hasSize(1).first().isInstanceOf(MembershipEvent.Left.class);
  }

  @Test
  void aCrashWithAQuickRestartIsSeenAsANewLife() {
    startAll("n1", "n2", "n3");
    BootId old = boot("n1", "n3").orElseThrow();
    var events = events("n1", "n3");
    kill("n3");

    start("n3");

    await().atMost(LONG).untilAsserted(() -> assertThat(boot("n1", "n3")).isNotEqualTo(old));
    newLifeStays("n3", old);
    assertThat(events)
        .anySatisfy(
            event -> {
              assertThat(event).isInstanceOf(MembershipEvent.Joined.class);
              assertThat(event.member().boot()).isNotEqualTo(old);
            });
  }

  @Test
  void aRestartRightAfterLeavingIsSeenAsANewLife() {
    startAll("n1", "n2", "n3");
    BootId old = boot("n1", "n3").orElseThrow();
    at("n3").leave();
    running.remove("n3");
    nodes.kill("n3");

    start("n3");

    newLifeStays("n3", old);
  }

  @Test
  void aShortCutKillsNobody() {
    startAll("n1", "n2", "n3");
    var events = events("n1", "n3");

    nodes.split(Set.of("n1", "n2"), Set.of("n3"));
    await().atMost(LONG).untilAsserted(() -> sees("n1", "n3", MemberState.SUSPECT));
    nodes.heal();

    await().atMost(LONG).untilAsserted(() -> everybodySees("n3", MemberState.ALIVE));
    assertThat(events).noneMatch(MembershipEvent.Died.class::isInstance);
    assertThat(events).anyMatch(MembershipEvent.Refuted.class::isInstance);
  }

  @Test
  void bothSidesOfALongPartitionFindEachOther() {
    startAll("n1", "n2", "n3", "n4", "n5");

    nodes.split(Set.of("n1", "n2", "n3"), Set.of("n4", "n5"));
    await()
        .atMost(LONG)
        .untilAsserted(
            () -> {
              for (String one : List.of("n1", "n2", "n3")) {
                sees(one, "n4", MemberState.DEAD);
                sees(one, "n5", MemberState.DEAD);
                sees("n4", one, MemberState.DEAD);
                sees("n5", one, MemberState.DEAD);
              }
            });
    nodes.heal();

    await()
        .atMost(LONG)
        .untilAsserted(
            () -> {
              for (String id : running.keySet()) {
                everybodySees(id, MemberState.ALIVE);
              }
            });
  }

  @Test
  void aNodeWithOtherSettingsIsNeverAMember() {
    startAll("n1", "n2");
    var stranger = nodes.startWithOtherSettings("n3");

    neverTogether(stranger);
  }

  @Test
  void aNodeOfAnotherClusterIsNeverAMember() {
    startAll("n1", "n2");
    var stranger = nodes.startOfAnotherCluster("n3");

    neverTogether(stranger);
  }

  @Test
  void eventsAreDeliveredOneAfterTheOther() {
    startAll("n1", "n2", "n3");
    var threads = Collections.synchronizedSet(new java.util.HashSet<Thread>());
    var _ = at("n1").subscribe(_ -> threads.add(Thread.currentThread()));

    start("worker");
    await().atMost(LONG).untilAsserted(() -> everybodySees("worker", MemberState.ALIVE));
    kill("n3");

    await().atMost(LONG).untilAsserted(() -> sees("n1", "n3", MemberState.DEAD));
    await().atMost(LONG).untilAsserted(() -> assertThat(threads).hasSize(1));
  }

  @Test
  void aClosedSubscriptionHearsNothing() throws Exception {
    startAll("n1", "n2");
    List<MembershipEvent> closed = Collections.synchronizedList(new ArrayList<>());
    at("n1").subscribe(closed::add).close();
    var open = events("n1");

    start("n3");

    await().atMost(LONG).until(() -> !open.isEmpty());
    assertThat(closed).isEmpty();
  }

  private void neverTogether(Membership stranger) {
    await()
        .during(nodes.detection(3))
        .atMost(LONG)
        .untilAsserted(
            () -> {
              assertThat(view("n1")).containsExactly("n1", "n2");
              assertThat(stranger.members()).hasSize(1);
            });
    await().atMost(LONG).untilAsserted(() -> everybodySees("n2", MemberState.ALIVE));
  }

  private void newLifeStays(String id, BootId old) {
    await()
        .atMost(LONG)
        .untilAsserted(
            () -> {
              everybodySees(id, MemberState.ALIVE);
              assertThat(boot("n1", id).orElseThrow()).isNotEqualTo(old);
            });
    await()
        .during(nodes.detection(3))
        .atMost(LONG)
        .untilAsserted(() -> everybodySees(id, MemberState.ALIVE));
  }

  private void startAll(String... ids) {
    for (String id : ids) {
      start(id);
    }
    await()
        .atMost(LONG)
        .untilAsserted(
            () -> {
              for (String id : ids) {
                assertThat(view(id)).containsExactlyInAnyOrder(ids);
                everybodySees(id, MemberState.ALIVE);
              }
            });
  }

  private void start(String id) {
    running.put(id, nodes.start(id));
  }

  private Membership at(String id) {
    return Objects.requireNonNull(running.get(id));
  }

  private void kill(String id) {
    running.remove(id);
    nodes.kill(id);
  }

  /// What happens to that one; on a busy machine others may be doubted and refute meanwhile.
  private List<MembershipEvent> events(String at, String of) {
    List<MembershipEvent> events = Collections.synchronizedList(new ArrayList<>());
    var _ =
        at(at)
            .subscribe(
                event -> {
                  if (event.member().id().equals(new NodeId(of))) {
                    events.add(event);
                  }
                });
    return events;
  }

  private List<MembershipEvent> events(String at) {
    List<MembershipEvent> events = Collections.synchronizedList(new ArrayList<>());
    var _ = at(at).subscribe(events::add);
    return events;
  }

  private List<String> view(String at) {
    return at(at).members().stream().map(m -> m.id().value()).toList();
  }

  private Optional<BootId> boot(String at, String id) {
    return at(at).member(new NodeId(id)).map(Member::boot);
  }

  private void everybodySees(String id, MemberState state) {
    running.keySet().forEach(at -> sees(at, id, state));
  }

  private void sees(String at, String id, MemberState state) {
    assertThat(at(at).member(new NodeId(id)).map(Member::state))
        .as("%s in the view of %s", id, at)
        .contains(state);
  }
}
