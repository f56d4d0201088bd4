package io.ringrift.kernel.consensus;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.ringrift.kernel.Consensus;
import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.LeadershipEvent;
import io.ringrift.kernel.LeadershipEvent.DutiesClosed;
import io.ringrift.kernel.LeadershipEvent.DutiesOpened;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.consensus.ledger.Ledger.Applied;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// What every mode of consensus promises, on three voters in one process with real folders.
@Timeout(120)
public abstract class ConsensusContract {
  protected static final Duration PATIENCE = Duration.ofSeconds(30);

  @TempDir protected Path root;

  private Trio trio;
  private final TreeMap<Integer, Member> members = new TreeMap<>();

  /// Three voters, numbered 1 to 3.
  public interface Trio extends AutoCloseable {
    /// Starts a voter on what its folder holds.
    Member start(int n);

    /// Ends a voter without handing anything over.
    void stop(int n);

    /// Every voter gets another address; all of them are stopped.
    void move();

    @Override
    void close();
  }

  /// A running voter.
  public record Member(
      int n, Consensus consensus, MemoryStateMachine machine, List<LeadershipEvent> events) {
    Epoch epoch() {
      return consensus.leadership().epoch();
    }

    boolean leads() {
      return consensus.leadsNow(epoch());
    }
  }

  /// @param snapshotEvery entries between two snapshots
  protected abstract Trio open(Path root, int snapshotEvery);

  @BeforeEach
  void begin() {
    trio = open(root, 10_000);
  }

  @AfterEach
  void end() {
    trio.close();
  }

  protected final Member start(int n) {
    Member member = trio.start(n);
    members.put(n, member);
    return member;
  }

  protected final void stop(int n) {
    members.remove(n);
    trio.stop(n);
  }

  private void startAll() {
    IntStream.rangeClosed(1, 3).filter(n -> !members.containsKey(n)).forEach(this::start);
  }

  private void stopAll() {
    List.copyOf(members.keySet()).forEach(this::stop);
  }

  /// Waits until one voter has opened its duties, and gives it.
  protected final Member leader() {
    return await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(20))
        .until(
            () ->
                members.values().stream()
                    .filter(m -> m.leads() && m.events().contains(new DutiesOpened(m.epoch())))
                    .findFirst(),
            Optional::isPresent)
        .orElseThrow();
  }

  private Member follower() {
    int leading = leader().n();
    return members.values().stream().filter(m -> m.n() != leading).findFirst().orElseThrow();
  }

  private static Applied proposeAt(Member member, String command) throws Exception {
    return member
        .consensus()
        .ledger()
        .propose(member.epoch(), command.getBytes(UTF_8))
        .get(5, TimeUnit.SECONDS);
  }

  /// At a leader, wherever it is by then, until one confirms.
  private Applied propose(String command) {
    return await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(20))
        .ignoreExceptions()
        .until(() -> proposeAt(leader(), command), applied -> applied != null);
  }

  private List<String> proposeMany(String prefix, int count) {
    var commands = IntStream.range(0, count).mapToObj(i -> prefix + i).toList();
    commands.forEach(this::propose);
    return commands;
  }

  private void everybodyHolds(List<String> commands) {
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () ->
                assertThat(members.values())
                    .allSatisfy(
                        m -> assertThat(m.machine().commands).containsSubsequence(commands)));
  }

  private static Reason reasonOf(CompletableFuture<?> future) throws Exception {
    try {
      future.get(10, TimeUnit.SECONDS);
      throw new AssertionError("was not refused");
    } catch (ExecutionException e) {
      if (e.getCause() instanceof Refusal refusal) {
        return refusal.reason();
      }
      throw e;
    }
  }

  @Test
  void whatTheLeaderConfirmedIsExecutedByEveryVoter() {
    startAll();
    var leader = leader();
    Epoch epoch = leader.epoch();
    var ledger = leader.consensus().ledger();
    var futures =
        IntStream.range(0, 300)
            .mapToObj(i -> ledger.propose(epoch, ("c" + i).getBytes(UTF_8)))
            .toList();
    CompletableFuture.allOf(futures.toArray(CompletableFuture[]::new)).join();
    assertThat(futures.getLast().join().position().epoch()).isEqualTo(epoch);
    everybodyHolds(IntStream.range(0, 300).mapToObj(i -> "c" + i).toList());
    await()
        .atMost(PATIENCE)
        .until(
            () ->
                members.values().stream()
                        .map(m -> m.consensus().ledger().status().stateHash())
                        .distinct()
                        .count()
                    == 1);
  }

  @Test
  void acknowledgedCommandsOutliveTheirLeader() {
    startAll();
    var commands = new ArrayList<>(proposeMany("a", 5));
    var first = leader();
    Epoch epoch = first.epoch();
    stop(first.n());
    commands.addAll(proposeMany("b", 5));
    var second = leader();
    assertThat(second.epoch().isAfter(epoch)).isTrue();
    assertThat(second.machine().commands).containsSubsequence(commands);
    start(first.n());
    everybodyHolds(commands);
  }

  @Test
  void aMinorityThatIsLostIsNotMissed() {
    startAll();
    var commands = new ArrayList<>(proposeMany("a", 5));
    int lost = follower().n();
    Epoch epoch = leader().epoch();
    stop(lost);
    commands.addAll(proposeMany("b", 5));
    assertThat(leader().epoch()).isEqualTo(epoch);
    start(lost);
    everybodyHolds(commands);
  }

  @Test
  void allVotersLostAtOnceKeepEverything() {
    startAll();
    var commands = proposeMany("a", 10);
    Epoch epoch = leader().epoch();
    stopAll();
    startAll();
    var leader = leader();
    assertThat(leader.epoch().isAfter(epoch)).isTrue();
    assertThat(leader.machine().commands).containsSubsequence(commands);
    everybodyHolds(commands);
  }

  @Test
  void aColdStartWithAStaleDiskGoesOnFromTheNewest() {
    startAll();
    var commands = new ArrayList<>(proposeMany("a", 5));
    int stale = follower().n();
    stop(stale);
    commands.addAll(proposeMany("b", 5));
    stopAll();
    start(stale);
    start((stale + 1) % 3 + 1);
    assertThat(leader().n()).isNotEqualTo(stale);
    assertThat(leader().machine().commands).containsSubsequence(commands);
    everybodyHolds(commands);
  }

  @Test
  void aWipedFollowerOfAnIdleClusterCatchesUp() throws Exception {
    startAll();
    var commands = proposeMany("a", 10);
    int wiped = follower().n();
    stop(wiped);
    Folders.delete(root.resolve("n" + wiped));
    var again = start(wiped);
    await()
        .atMost(PATIENCE)
        .untilAsserted(() -> assertThat(again.machine().commands).containsSubsequence(commands));
    await()
        .atMost(PATIENCE)
        .until(
            () ->
                again.consensus().leadership().epoch().equals(leader().epoch())
                    && again.consensus().leadership().leader().isPresent());
  }

  @Test
  void aFollowerBehindASnapshotIsGivenIt() {
    trio.close();
    trio = open(root, 20);
    startAll();
    var commands = new ArrayList<>(proposeMany("a", 5));
    int behind = follower().n();
    stop(behind);
    commands.addAll(proposeMany("b", 100));
    start(behind);
    commands.addAll(proposeMany("c", 5));
    everybodyHolds(commands);
  }

  @Test
  void everyAddressMayChangeAtOnce() {
    startAll();
    var commands = new ArrayList<>(proposeMany("a", 5));
    stopAll();
    trio.move();
    startAll();
    commands.addAll(proposeMany("b", 5));
    everybodyHolds(commands);
  }

  @Test
  void aLeaderThatStepsDownIsFenced() throws Exception {
    startAll();
    propose("a");
    var leader = leader();
    Epoch epoch = leader.epoch();
    assertThat(leader.consensus().stepDown("test")).isEqualTo(epoch);
    assertThat(leader.consensus().leadsNow(epoch)).isFalse();
    assertThat(reasonOf(leader.consensus().ledger().propose(epoch, new byte[1])))
        .isIn(Reason.NOT_LEADER, Reason.STALE_EPOCH);
    await().atMost(PATIENCE).until(() -> leader.events().contains(new DutiesClosed(epoch, "test")));
    assertThat(leader().epoch().isAfter(epoch)).isTrue();
  }

  @Test
  void leadershipMovesToTheVoterAskedFor() {
    startAll();
    var leader = leader();
    var target = leader.consensus().voters().get(follower().n() - 1);
    assertThat(leader.consensus().transfer(Optional.of(target))).isEqualTo(target);
    await()
        .atMost(PATIENCE)
        .until(() -> leader().consensus().leadership().leader().equals(Optional.of(target)));
    propose("b");
    assertThatThrownBy(() -> leader().consensus().transfer(Optional.of(target)))
        .isInstanceOfSatisfying(
            Refusal.class, r -> assertThat(r.reason()).isEqualTo(Reason.INVALID_ARGUMENT));
  }

  @Test
  void aFollowerRefusesAndNamesTheLeader() {
    startAll();
    var follower = follower();
    await().atMost(PATIENCE).until(() -> follower.consensus().leadership().leader().isPresent());
    assertThatThrownBy(
            () -> follower.consensus().ledger().propose(follower.epoch(), new byte[1]).get())
        .cause()
        .isInstanceOfSatisfying(
            Refusal.class,
            r -> {
              assertThat(r.reason()).isEqualTo(Reason.NOT_LEADER);
              assertThat(r.details()).containsKey("leader_id");
            });
  }

  @Test
  void aBarrierCoversEverythingConfirmedBefore() throws Exception {
    startAll();
    for (int i = 0; i < 20; i++) {
      var applied = propose("a" + i);
      var leader = leader();
      long point = leader.consensus().ledger().barrier().get(10, TimeUnit.SECONDS);
      assertThat(point).isGreaterThanOrEqualTo(applied.position().index());
      assertThat(leader.machine().commands).contains("a" + i);
    }
    var follower = follower();
    assertThat(reasonOf(follower.consensus().ledger().barrier()))
        .isIn(Reason.NOT_LEADER, Reason.NO_QUORUM);
  }

  /// Leaders come and go by every way there is, while somebody asks all of them all the time.
  @Test
  void neverDoTwoVotersHoldAnOfficeAtOnce() throws Exception {
    startAll();
    var overlaps = new CopyOnWriteArrayList<String>();
    var done = new AtomicBoolean();
    var watch =
        Thread.ofPlatform()
            .start(
                () -> {
                  while (!done.get()) {
                    overlap().ifPresent(overlaps::add);
                  }
                });
    var epochs = new ArrayList<Epoch>();
    for (int round = 0; round < 3; round++) {
      propose("a" + round);
      epochs.add(leader().epoch());
      leader().consensus().stepDown("round");
      propose("b" + round);
      epochs.add(leader().epoch());
      var target = leader().consensus().voters().get(follower().n() - 1);
      leader().consensus().transfer(Optional.of(target));
      propose("c" + round);
      epochs.add(leader().epoch());
      int lost = leader().n();
      stop(lost);
      propose("d" + round);
      start(lost);
    }
    done.set(true);
    watch.join();
    assertThat(overlaps).isEmpty();
    assertThat(epochs).isSorted().doesNotHaveDuplicates();
  }

  private Optional<String> overlap() {
    Member found = null;
    for (Member member : List.copyOf(members.values())) {
      if (member.leads()) {
        // The first one still leads after the second was seen to: both do at once.
        if (found != null && found.leads()) {
          return Optional.of(found.n() + " and " + member.n() + " in " + member.epoch());
        }
        found = member;
      }
    }
    return Optional.empty();
  }
}
