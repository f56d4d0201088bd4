package io.ringrift.kernel.consensus;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.LeadershipEvent.DutiesClosed;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What every mode of consensus promises.
@Timeout(120)
public abstract class ConsensusContract extends ConsensusBed {
  private static final int LOSSES = 3;
  private static final int MOST_OFFICES_LOST = 1;

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

  /// A machine without time may cost the leader its office meanwhile, at one loss of three say; one
  /// that it loses at most losses is a fault.
  @Test
  void aMinorityThatIsLostIsNotMissed() {
    startAll();
    var commands = new ArrayList<>(proposeMany("a", 5));
    var offices = new ArrayList<Epoch>();
    for (int loss = 1; loss <= LOSSES; loss++) {
      int lost = follower().n();
      Epoch epoch = leader().epoch();
      stop(lost);
      commands.addAll(proposeMany("b" + loss + "-", 5));
      if (!leader().epoch().equals(epoch)) {
        offices.add(epoch);
      }
      start(lost);
      everybodyHolds(commands);
    }
    assertThat(offices)
        .as("epochs of leaders that lost their office with a follower, in %d losses", LOSSES)
        .hasSizeLessThanOrEqualTo(MOST_OFFICES_LOST);
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
    beginAgain(20);
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
    move();
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

  /// Its own clock is all that such a leader has: nothing may reach it before it acts again.
  @Test
  void aLeaderThatStoodStillBeyondItsLeaseHasNoEffect() throws Exception {
    startAll();
    propose("a");
    var paused = leader();
    Epoch epoch = paused.epoch();
    skip(paused, Duration.ofMinutes(1));
    assertThat(paused.consensus().leadsNow(epoch)).isFalse();
    await()
        .atMost(PATIENCE)
        .until(() -> leader().epoch().isAfter(epoch) && leader().n() != paused.n());
    var ledger = paused.consensus().ledger();
    assertThat(reasonOf(ledger.propose(epoch, "late".getBytes(UTF_8))))
        .isIn(Reason.NOT_LEADER, Reason.STALE_EPOCH);
    assertThat(reasonOf(ledger.barrier())).isIn(Reason.NOT_LEADER, Reason.NO_QUORUM);
    assertThat(paused.events())
        .filteredOn(e -> e instanceof DutiesClosed(var closed, _) && closed.equals(epoch))
        .hasSize(1);
    propose("b");
    everybodyHolds(List.of("a", "b"));
    assertThat(members.values()).noneMatch(m -> m.machine().commands.contains("late"));
  }

  /// A state that is restored brings along the epoch of where it was saved.
  @Test
  void aStateThatNamesAGreaterEpochIsLedInAGreaterOneYet() throws Exception {
    startAll();
    propose("a");
    var leader = leader();
    Epoch epoch = leader.epoch();
    var restored = new Epoch(epoch.value() + 1000);
    propose(MemoryStateMachine.names(restored));
    await().atMost(PATIENCE).until(() -> leader().epoch().isAfter(restored));
    assertThat(reasonOf(leader.consensus().ledger().propose(epoch, "late".getBytes(UTF_8))))
        .isIn(Reason.NOT_LEADER, Reason.STALE_EPOCH);
    propose("b");
    Epoch after = leader().epoch();
    stopAll();
    startAll();
    assertThat(leader().epoch().isAfter(after)).isTrue();
    everybodyHolds(List.of("a", MemoryStateMachine.names(restored), "b"));
    assertThat(members.values()).noneMatch(m -> m.machine().commands.contains("late"));
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
