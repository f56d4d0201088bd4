package io.ringrift.kernel.consensus.bully;

import static io.ringrift.kernel.consensus.bully.CoreProbe.*;
import static org.assertj.core.api.Assertions.assertThat;

import io.ringrift.kernel.Reason;
import io.ringrift.kernel.consensus.ledger.LogEntry;
import io.ringrift.kernel.consensus.ledger.LogPosition;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// Steps of replication, each with its exact effects (Raft thesis, chapter 3; RELIABILITY C.5,
/// C.7).
class ReplicaCoreTest {
  private static final LogEntry OPEN1 = opening(1, 1, N3);
  private static final LogEntry A = command(1, 2, "a");
  private static final LogEntry B = command(1, 3, "b");

  /// n1, following n3 in epoch 1, with these entries.
  private static CoreProbe follower(LogEntry... entries) {
    var n1 = new CoreProbe(config(N1, THREE), log(promise(1, N3), entries));
    n1.hears(0, N3, append(1, 1, LogPosition.START, 0));
    return n1;
  }

  // ---- follower ----

  @Test
  void entriesAreDurableBeforeTheyAreAnswered() {
    assertThat(follower().hears(1, N3, append(1, 2, LogPosition.START, 1, OPEN1, A)))
        .containsExactly(
            new Effect.PersistEntries(List.of(OPEN1, A)),
            send(N3, matched(1, 2, 2)),
            new Effect.Commit(List.of(OPEN1)));
  }

  @Test
  void entriesBehindAnUnknownPlaceAreRefused() { // thesis 3.5, log matching
    assertThat(follower(OPEN1).hears(1, N3, append(1, 2, place(1, 2), 0, B)))
        .containsExactly(send(N3, refused(1, 2, 1)));
  }

  @Test
  void entriesBehindAPlaceOfAnotherEpochAreRefusedAndTheEpochSkipped() { // thesis 3.5
    var stale = follower(OPEN1, A, B);
    assertThat(stale.hears(1, N2, append(3, 2, place(2, 3), 0, command(3, 4, "x"))))
        .contains(send(N2, refused(3, 2, 0)));
  }

  @Test
  void conflictingTailGivesWayAndIsHandedOverAsDropped() { // C.7.3
    LogEntry opening = opening(2, 2, N2);
    assertThat(follower(OPEN1, A, B).hears(1, N2, append(2, 9, place(1, 1), 1, opening)))
        .containsExactly(
            new Effect.PersistPromise(promise(2, N2), false),
            new Effect.TruncateLog(2),
            new Effect.PersistEntries(List.of(opening)),
            new Effect.Dropped(List.of(A, B)),
            send(N2, matched(2, 9, 2)),
            new Effect.Commit(List.of(OPEN1)),
            new Effect.Announce(
                new io.ringrift.kernel.Leadership(
                    io.ringrift.kernel.Role.FOLLOWER,
                    Optional.of(N2),
                    epoch(2),
                    io.ringrift.kernel.time.Moment.MIN)));
  }

  @Test
  void knownEntriesInAnOldAppendTruncateNothing() { // thesis 3.5: only a conflict truncates
    assertThat(follower(OPEN1, A, B).hears(1, N3, append(1, 2, LogPosition.START, 0, OPEN1)))
        .containsExactly(send(N3, matched(1, 2, 1)));
  }

  @Test
  void nothingIsCommittedBeyondWhatMatched() {
    assertThat(follower(OPEN1, A, B).hears(1, N3, append(1, 2, place(1, 1), 3)))
        .containsExactly(send(N3, matched(1, 2, 1)), new Effect.Commit(List.of(OPEN1)));
  }

  @Test
  void appendOfAnOlderEpochIsRefusedAndConfirmsNothing() { // C.2 F1
    var n1 = new CoreProbe(config(N1, THREE), log(promise(4, N3)));
    assertThat(n1.hears(0, N2, append(3, 7, LogPosition.START, 0)))
        .containsExactly(send(N2, refused(4, 0, 0)));
  }

  @Test
  void snapshotBeyondTheLogReplacesItAndIsAcknowledged() {
    byte[] data = bytes("state");
    var snapshot = new Message.InstallSnapshot(epoch(1), place(1, 9), data);
    assertThat(follower(OPEN1, A).hears(1, N3, snapshot))
        .containsExactly(
            new Effect.InstallSnapshot(place(1, 9), data),
            new Effect.Dropped(List.of(A)),
            send(N3, matched(1, 0, 9)));
  }

  @Test
  void lateSnapshotWithinTheLogTruncatesNothing() { // this voter may have vouched for the tail
    var n1 = follower(OPEN1, A, B);
    assertThat(n1.hears(1, N3, new Message.InstallSnapshot(epoch(1), place(1, 2), bytes("s"))))
        .containsExactly(new Effect.Commit(List.of(OPEN1, A)), send(N3, matched(1, 0, 2)));
    assertThat(n1.core.logEnd()).isEqualTo(place(1, 3));
  }

  @Test
  void snapshotThatTravelledLongerThanItsLeaderIsRememberedIsTaken() {
    byte[] data = bytes("state");
    var n1 = follower();
    n1.tick(60_000);
    assertThat(n1.core.leadership().leader()).isEmpty();
    assertThat(n1.hears(60_001, N3, new Message.InstallSnapshot(epoch(1), place(1, 9), data)))
        .contains(new Effect.InstallSnapshot(place(1, 9), data));
  }

  @Test
  void snapshotOfAnUnknownLeaderIsIgnored() {
    assertThat(
            follower().hears(1, N2, new Message.InstallSnapshot(epoch(1), place(1, 2), bytes("s"))))
        .isEmpty();
  }

  @Test
  void askedForATailItAnswersInBoundedBatches() {
    var n1 = new CoreProbe(config(N1, THREE), log(promise(2, N3), OPEN1, A, B));
    assertThat(n1.hears(0, N3, new Message.FetchTail(epoch(2), LogPosition.START)))
        .containsExactly(
            send(
                N3,
                new Message.Tail(
                    epoch(2), true, LogPosition.START, List.of(OPEN1, A), place(1, 3))));
    assertThat(n1.hears(0, N3, new Message.FetchTail(epoch(2), place(9, 2))))
        .containsExactly(
            send(N3, new Message.Tail(epoch(2), false, place(1, 1), List.of(), place(1, 3))));
  }

  // ---- leader ----

  @Test
  void dutiesOpenRightBehindTheCommitOfTheOpeningEntry() {
    var n3 = new CoreProbe(N3);
    n3.tick(0);
    n3.hears(1, N2, would(1, 1));
    assertThat(n3.hears(2, N2, grant(1, 2, LogPosition.START)))
        .contains(
            new Effect.PersistEntries(List.of(OPEN1)),
            replicate(N2, append(1, 2, LogPosition.START, 0, OPEN1)));
    assertThat(n3.does(2, new Input.Propose(1, List.of(bytes("a")))))
        .singleElement()
        .isInstanceOf(Effect.Refused.class);
    assertThat(n3.hears(3, N2, matched(1, 2, 1)))
        .startsWith(new Effect.Commit(List.of(OPEN1)), new Effect.OpenDuties(epoch(1)));
  }

  @Test
  void proposalIsReplicatedStoredAcceptedThenCommittedByAQuorum() {
    var n3 = leader();
    assertThat(n3.does(4, new Input.Propose(7, List.of(bytes("a")))))
        .containsExactly(
            replicate(N2, append(1, 3, place(1, 1), 1, A)),
            new Effect.PersistEntries(List.of(A)),
            new Effect.Accepted(7, List.of(place(1, 2))));
    assertThat(n3.core.commitIndex()).isEqualTo(1);
    assertThat(n3.hears(5, N2, matched(1, 3, 2))).startsWith(new Effect.Commit(List.of(A)));
  }

  @Test
  void commitTravelsWithTheNextEntriesOrByItselfSoonAfter() {
    var n3 = leader();
    n3.does(4, new Input.Propose(7, List.of(bytes("a"))));
    assertThat(n3.hears(5, N2, matched(1, 3, 2))).containsExactly(new Effect.Commit(List.of(A)));
    assertThat(n3.core.owes()).isTrue();
    assertThat(n3.does(6, new Input.Propose(8, List.of(bytes("b")))))
        .contains(replicate(N2, append(1, 4, place(1, 2), 2, command(1, 3, "b"))));
    assertThat(n3.core.owes()).isFalse();
    n3.hears(7, N2, matched(1, 4, 3));
    assertThat(n3.tick(8)).noneMatch(Effect.Send.class::isInstance);
    assertThat(n3.tick(9)).contains(send(N2, append(1, 5, place(1, 3), 3)));
    assertThat(n3.core.owes()).isFalse();
  }

  @Test
  void entriesOfAnOlderEpochCommitOnlyUnderOneOfTheOwn() { // thesis 3.6.2
    var n3 = new CoreProbe(config(N3, THREE), log(promise(1, N3), OPEN1, A));
    n3.tick(0);
    n3.hears(1, N2, would(2, 1));
    n3.hears(2, N2, grant(2, 2, LogPosition.START));
    assertThat(n3.hears(3, N2, matched(2, 2, 2))).noneMatch(e -> e instanceof Effect.Commit);
    assertThat(n3.hears(4, N2, matched(2, 2, 3)))
        .startsWith(
            new Effect.Commit(List.of(OPEN1, A, opening(2, 3, N3))),
            new Effect.OpenDuties(epoch(2)));
  }

  @Test
  void newLeaderFirstAdoptsTheMostAdvancedTailOfItsMajority() { // DESIGN 2
    var lone = command(1, 2, "lone");
    var n3 = new CoreProbe(config(N3, THREE), log(promise(2, N3), OPEN1, lone));
    n3.tick(0);
    n3.hears(1, N2, would(3, 1));
    assertThat(n3.hears(2, N2, grant(3, 2, place(2, 2))))
        .contains(send(N2, new Message.FetchTail(epoch(3), place(1, 2))))
        .noneMatch(e -> e instanceof Effect.PersistEntries);
    assertThat(
            n3.hears(3, N2, new Message.Tail(epoch(3), false, place(1, 1), List.of(), place(2, 2))))
        .containsExactly(send(N2, new Message.FetchTail(epoch(3), place(1, 1))));
    var tail =
        new Message.Tail(epoch(3), true, place(1, 1), List.of(opening(2, 2, N2)), place(2, 2));
    assertThat(n3.hears(4, N2, tail))
        .startsWith(
            new Effect.TruncateLog(2),
            new Effect.PersistEntries(List.of(opening(2, 2, N2))),
            new Effect.Dropped(List.of(lone)))
        .contains(new Effect.PersistEntries(List.of(opening(3, 3, N3))));
  }

  @Test
  void quorumWithoutTheMoreAdvancedVoterIsEnoughToAdoptNothing() { // thesis 3.6.1
    var n3 = new CoreProbe(N3);
    n3.tick(0);
    n3.hears(1, N2, would(1, 1));
    assertThat(n3.hears(2, N2, grant(1, 2, place(7, 5))))
        .contains(send(N2, new Message.FetchTail(epoch(1), LogPosition.START)));
    assertThat(n3.hears(3, N1, grant(1, 2, LogPosition.START)))
        .contains(new Effect.PersistEntries(List.of(OPEN1)));
  }

  @Test
  void adoptionTurnsToAnotherVoterWhenTheFirstStaysSilent() {
    var n3 = new CoreProbe(N3);
    n3.tick(0);
    n3.hears(1, N2, would(1, 1));
    n3.hears(2, N2, grant(1, 2, place(7, 5)));
    n3.hears(3, N1, grant(1, 2, place(7, 4)));
    var fetch = new Message.FetchTail(epoch(1), LogPosition.START);
    assertThat(n3.tick(252)).contains(send(N2, fetch));
    assertThat(n3.tick(502)).contains(send(N2, fetch));
    assertThat(n3.tick(752)).contains(send(N1, fetch)).doesNotContain(send(N2, fetch));
  }

  @Test
  void tooManyUncommittedCommandsAreRefusedAsOverload() {
    var n3 = leader();
    var four = List.of(bytes("a"), bytes("b"), bytes("c"), bytes("d"));
    n3.does(4, new Input.Propose(1, four));
    assertThat(n3.does(5, new Input.Propose(2, List.of(bytes("e")))))
        .satisfiesExactly(
            e ->
                assertThat(e)
                    .isInstanceOfSatisfying(
                        Effect.Refused.class,
                        r -> assertThat(r.reason()).isEqualTo(Reason.OVERLOADED)));
  }

  @Test
  void tooManyUncommittedBytesAreRefusedAsOverload() {
    var n3 = leader();
    var large = bytes("x".repeat(60));
    n3.does(4, new Input.Propose(1, List.of(large)));
    assertThat(n3.does(5, new Input.Propose(2, List.of(bytes("12345")))))
        .satisfiesExactly(
            e ->
                assertThat(e)
                    .isInstanceOfSatisfying(
                        Effect.Refused.class,
                        r -> {
                          assertThat(r.reason()).isEqualTo(Reason.OVERLOADED);
                          assertThat(r.message()).contains("60 bytes", "64 bytes");
                        }));
    assertThat(n3.does(6, new Input.Propose(3, List.of(bytes("1234")))))
        .anyMatch(Effect.Accepted.class::isInstance);
  }

  @Test
  void commandLargerThanTheBoundIsTakenWhereNothingWaits() {
    assertThat(leader().does(4, new Input.Propose(1, List.of(bytes("x".repeat(99))))))
        .anyMatch(Effect.Accepted.class::isInstance);
  }

  @Test
  void proposalAtAFollowerNamesTheLeader() {
    assertThat(follower().does(1, new Input.Propose(1, List.of(bytes("a")))))
        .containsExactly(
            new Effect.Refused(
                1, Reason.NOT_LEADER, "n1 does not lead: n3 leads in epoch 1; ask there"));
  }

  @Test
  void barrierPassesOnlyOnAnAnswerToAnAppendSentAfterIt() { // thesis 6.4
    var n3 = leader();
    assertThat(n3.does(10, new Input.Barrier(5)))
        .containsExactly(
            send(N1, append(1, 3, LogPosition.START, 1)), send(N2, append(1, 4, place(1, 1), 1)));
    assertThat(n3.hears(11, N2, matched(1, 2, 1))).isEmpty();
    assertThat(n3.hears(12, N2, matched(1, 4, 1))).containsExactly(new Effect.BarrierPassed(5, 1));
  }

  @Test
  void waitingBarrierIsRefusedWhenLeadershipEnds() {
    var n3 = leader();
    n3.does(10, new Input.Barrier(5));
    assertThat(n3.does(11, new Input.StepDown("asked")))
        .anySatisfy(
            e ->
                assertThat(e)
                    .isInstanceOfSatisfying(
                        Effect.Refused.class,
                        r -> assertThat(r.reason()).isEqualTo(Reason.NO_QUORUM)));
  }

  @Test
  void snapshotsAreAskedForOnceAndLetTheLogGo() {
    var n3 = leader();
    n3.does(4, new Input.Propose(1, List.of(bytes("a"), bytes("b"))));
    assertThat(n3.hears(5, N2, matched(1, 3, 3))).contains(new Effect.TakeSnapshot());
    assertThat(n3.tick(6)).doesNotContain(new Effect.TakeSnapshot());
    assertThat(n3.does(7, new Input.SnapshotTaken(place(1, 3))))
        .contains(new Effect.CompactLog(place(1, 2)));
  }

  @Test
  void fewEntriesOfManyBytesCallForASnapshotAndLeaveAShortTail() {
    var n3 = leader();
    assertThat(n3.does(4, new Input.Propose(1, List.of(bytes("x".repeat(200))))))
        .doesNotContain(new Effect.TakeSnapshot());
    assertThat(n3.hears(5, N2, matched(1, 3, 2))).contains(new Effect.TakeSnapshot());
    assertThat(n3.does(7, new Input.SnapshotTaken(place(1, 2))))
        .contains(new Effect.CompactLog(place(1, 2)))
        .doesNotContain(new Effect.TakeSnapshot());
  }

  @Test
  void followerBehindTheCompactionGetsTheSnapshot() {
    var n3 = leader();
    n3.does(4, new Input.Propose(1, List.of(bytes("a"), bytes("b"))));
    n3.hears(5, N2, matched(1, 3, 3));
    n3.does(7, new Input.SnapshotTaken(place(1, 3)));
    n3.tick(300); // the opening batch to n1 has gone unanswered
    assertThat(n3.hears(301, N1, refused(1, 5, 0))).contains(new Effect.SendSnapshot(N1, epoch(1)));
  }
}
