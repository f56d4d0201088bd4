package io.ringrift.kernel.consensus.bully;

import static io.ringrift.kernel.consensus.bully.CoreProbe.*;
import static org.assertj.core.api.Assertions.assertThat;

import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.Leadership;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Role;
import io.ringrift.kernel.Timing;
import io.ringrift.kernel.consensus.ledger.LogPosition;
import io.ringrift.kernel.time.Moment;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// Steps of the election, each with its exact effects (SPEC 3.2 to 3.7; RELIABILITY C.1, C.2, C.7).
class LeaseElectionTest {
  private static final NodeId STRANGER = new NodeId("w9");

  private static Effect announce(Role role, Optional<NodeId> leader, long epoch, Moment ends) {
    return new Effect.Announce(new Leadership(role, leader, epoch(epoch), ends));
  }

  private static Effect nobody(long epoch) {
    return new Effect.Announce(Leadership.unknown(epoch(epoch)));
  }

  private static Moment leaseFrom(long millis) {
    return ms(millis + 1960);
  }

  // ---- voter ----

  @Test
  void promiseIsDurableBeforeTheGrantLeavesAndTheRoundIsEchoed() { // C.1 E2, E3
    assertThat(new CoreProbe(N1).hears(0, N3, request(1, 7)))
        .containsExactly(
            new Effect.PersistPromise(promise(1, N3), true),
            send(N3, grant(1, 7, LogPosition.START)),
            nobody(1));
  }

  @Test
  void renewalStoresNothingNew() {
    var n1 = new CoreProbe(N1);
    n1.hears(0, N3, request(1, 7));
    assertThat(n1.hears(500, N3, request(1, 8)))
        .containsExactly(send(N3, grant(1, 8, LogPosition.START)));
  }

  @Test
  void voterRefusesASecondCandidateOfTheSameEpochForEver() { // C.1 E3
    var n1 = new CoreProbe(N1);
    n1.hears(0, N3, request(1, 7));
    assertThat(n1.hears(1, N2, request(1, 3))).containsExactly(send(N2, denial(1, 3, 1)));
    assertThat(n1.hears(2019, N2, request(1, 4))).containsExactly(send(N2, denial(1, 4, 1)));
    assertThat(n1.hears(9999, N2, request(1, 5))).contains(send(N2, denial(1, 5, 1)));
  }

  @Test
  void runningGrantForbidsEvenAGreaterEpochUntilItEnds() { // SPEC 3.3
    var n1 = new CoreProbe(N1);
    n1.hears(0, N3, request(1, 7));
    assertThat(n1.hears(2019, N2, request(2, 4))).containsExactly(send(N2, denial(2, 4, 1)));
    assertThat(n1.hears(2020, N2, request(2, 5)))
        .containsExactly(
            new Effect.PersistPromise(promise(2, N2), true),
            send(N2, grant(2, 5, LogPosition.START)),
            nobody(2));
  }

  @Test
  void voterWithAnotherLeaseGrantsNothingAndPromisesNothing() { // C.2: its grant would end too soon
    var n1 = new CoreProbe(N1);
    var other = Timing.local().lease().plusMillis(1);
    var ask = new Message.PreVote(epoch(1), 7, 0, other);
    var no = new Message.PreVoteReply(epoch(1), 7, false, false, Epoch.ZERO);
    assertThat(n1.hears(0, N3, ask)).containsExactly(send(N3, no));
    assertThat(n1.hears(1, N3, new Message.LeaseRequest(epoch(1), 8, 0, other)))
        .containsExactly(send(N3, denial(1, 8, 0)));
    assertThat(new CoreProbe(N3).hears(0, N1, ask)).as("nor its rank").contains(send(N1, no));
  }

  @Test
  void strangersAreNotAnswered() { // C.1 E5
    assertThat(new CoreProbe(N1).hears(0, STRANGER, request(1, 1))).isEmpty();
    assertThat(new CoreProbe(N1).hears(0, STRANGER, ask(1, 1))).isEmpty();
  }

  @Test
  void voterThatKnewOfALaterEpochFollowsNobodyInALesserOneAndRunsBeyondIt() {
    var recovered =
        new BullyCore.Recovered(
            promise(4, N3), epoch(6), LogPosition.START, LogPosition.START, List.of());
    var n1 = new CoreProbe(config(N1, THREE), recovered);
    assertThat(n1.core.leadership()).isEqualTo(Leadership.unknown(epoch(6)));
    assertThat(n1.hears(0, N3, append(5, 1, LogPosition.START, 0, opening(5, 1, N3))))
        .contains(send(N3, refused(6, 0, 0)));
    assertThat(n1.hears(2020, N2, request(5, 1))).contains(send(N2, denial(5, 1, 6)));
    assertThat(n1.core.leadership()).isEqualTo(Leadership.unknown(epoch(6)));
    n1.hears(2021, N2, append(6, 1, LogPosition.START, 0, opening(6, 1, N2)));
    assertThat(n1.core.leadership().leader()).contains(N2);

    var n2 = new CoreProbe(config(N2, THREE), recovered);
    assertThat(n2.tick(9000)).contains(send(N1, ask(7, 1)));
  }

  @Test
  void restartedVoterWaitsOneLeaseForAnybodyButTheHolder() {
    var recovered = log(promise(4, N3));
    var n1 = new CoreProbe(config(N1, THREE), recovered);
    assertThat(n1.hears(2019, N2, request(5, 1))).containsExactly(send(N2, denial(5, 1, 4)));
    assertThat(n1.hears(2020, N2, request(5, 2))).contains(send(N2, grant(5, 2, place(0, 0))));

    var other = new CoreProbe(config(N1, THREE), recovered);
    assertThat(other.hears(0, N3, request(5, 1))).contains(send(N3, grant(5, 1, place(0, 0))));
  }

  @Test
  void releaseFreesTheVoterButNotTheEpoch() {
    var n1 = new CoreProbe(N1);
    n1.hears(0, N3, request(1, 7));
    n1.hears(1, N3, new Message.LeaseRelease(epoch(1), Optional.empty()));
    assertThat(n1.hears(2, N3, request(1, 8))).containsExactly(send(N3, denial(1, 8, 1)));
    assertThat(n1.hears(3, N2, request(1, 1))).containsExactly(send(N2, denial(1, 1, 1)));
    assertThat(n1.hears(4, N2, request(2, 2))).contains(send(N2, grant(2, 2, place(0, 0))));
  }

  @Test
  void releaseByAnotherThanTheHolderFreesNothing() {
    var n1 = new CoreProbe(N1);
    n1.hears(0, N3, request(1, 7));
    n1.hears(1, N2, new Message.LeaseRelease(epoch(1), Optional.empty()));
    assertThat(n1.hears(2, N2, request(2, 2))).containsExactly(send(N2, denial(2, 2, 1)));
  }

  // ---- candidate ----

  @Test
  void onlyVoterLeadsAtOnce() {
    var alone = new CoreProbe(config(N1, Map.of(N1, 0)), BullyCore.Recovered.EMPTY);
    assertThat(alone.tick(0))
        .containsExactly(
            new Effect.PersistPromise(promise(1, N1), true),
            announce(Role.LEADER, Optional.of(N1), 1, leaseFrom(0)),
            new Effect.PersistEntries(List.of(opening(1, 1, N1))),
            new Effect.Commit(List.of(opening(1, 1, N1))),
            new Effect.OpenDuties(epoch(1)));
  }

  @Test
  void ownVoteIsDurableBeforeAnyRequestLeaves() { // SPEC 3.3: one voter, one vote
    var n3 = new CoreProbe(N3);
    assertThat(n3.tick(0)).containsExactly(send(N2, ask(1, 1)), send(N1, ask(1, 1)));
    assertThat(n3.hears(1, N2, would(1, 1)))
        .containsExactly(
            new Effect.PersistPromise(promise(1, N3), true),
            send(N2, request(1, 2)),
            send(N1, request(1, 2)),
            announce(Role.CANDIDATE, Optional.empty(), 1, Moment.MIN));
  }

  @Test
  void quorumOfGrantsMakesALeaderWhoseLeaseCountsFromTheSend() { // C.1 E4, C.2
    var n3 = new CoreProbe(N3);
    n3.tick(0);
    n3.hears(1, N2, would(1, 1));
    assertThat(n3.core.leadership().role()).isEqualTo(Role.CANDIDATE);
    assertThat(n3.hears(200, N2, grant(1, 2, LogPosition.START)))
        .startsWith(announce(Role.LEADER, Optional.of(N3), 1, leaseFrom(1)));
  }

  @Test
  void pollWithoutAQuorumRaisesNoEpoch() { // thesis 9.6
    var n3 = new CoreProbe(N3);
    for (int at = 0; at < 20_000; at += 30) {
      n3.tick(at);
    }
    assertThat(n3.core.promise()).isEqualTo(Promise.NONE);
  }

  @Test
  void lowerRankHoldsBackForAFitHigherOneThatRunsItself() { // SPEC 3.2, responder
    var n2 = new CoreProbe(N2);
    assertThat(n2.hears(0, N1, ask(1, 1)))
        .containsExactly(
            send(N1, new Message.PreVoteReply(epoch(1), 1, true, true, Epoch.ZERO)),
            send(N3, ask(1, 1)),
            send(N1, ask(1, 1)));

    var n1 = new CoreProbe(N1);
    n1.tick(520); // rank 2: two election timeouts and a little
    n1.hears(521, N2, new Message.PreVoteReply(epoch(1), 1, true, true, Epoch.ZERO));
    assertThat(n1.hears(522, N3, would(1, 1))).isEmpty();
    assertThat(n1.tick(1000)).isEmpty();
    assertThat(n1.tick(1030)).contains(send(N2, ask(1, 2)));
    n1.hears(1031, N2, new Message.PreVoteReply(epoch(1), 2, true, true, Epoch.ZERO));
    assertThat(n1.core.promise()).as("outranked once, runs now").isEqualTo(promise(1, N1));
  }

  @Test
  void unfitNodeNeitherRunsNorOutranks() {
    var n3 = new CoreProbe(N3);
    n3.does(0, new Input.Fitness(false, "slow disk"));
    assertThat(n3.tick(5000)).isEmpty();
    assertThat(n3.hears(5001, N1, ask(1, 1)))
        .containsExactly(send(N1, new Message.PreVoteReply(epoch(1), 1, true, false, Epoch.ZERO)));
    n3.does(5002, new Input.Fitness(true, "well"));
    assertThat(n3.tick(5003)).isEmpty();
    assertThat(n3.core.step(ms(5500), new Input.Tick())).isEmpty();
  }

  @Test
  void takenEpochEndsTheCandidacyAndFreesThoseWhoGranted() {
    var n3 = new CoreProbe(N3);
    n3.tick(0);
    n3.hears(1, N2, would(1, 1));
    var release = new Message.LeaseRelease(epoch(1), Optional.empty());
    assertThat(n3.hears(2, N2, denial(1, 2, 1)))
        .containsExactly(send(N2, release), send(N1, release), nobody(1));
    assertThat(n3.hears(3, N1, grant(1, 2, LogPosition.START))).isEmpty();
    n3.tick(100);
    n3.hears(101, N2, would(2, 3));
    assertThat(n3.core.promise()).isEqualTo(promise(2, N3));
  }

  // ---- holder ----

  @Test
  void lateGrantCountsFromTheSendOfItsOwnRound() { // STYLE P7
    var n3 = leader();
    assertThat(n3.tick(501)).contains(send(N2, request(1, 3)));
    assertThat(n3.tick(751)).contains(send(N2, request(1, 4)));
    assertThat(n3.hears(800, N2, grant(1, 3, place(1, 1))))
        .contains(announce(Role.LEADER, Optional.of(N3), 1, leaseFrom(501)));
  }

  @Test
  void leaderStopsByItselfAtTheEndOfItsLease() { // C.1 E6
    var n3 = leader();
    assertThat(n3.core.leadership().leadsAt(ms(1960))).isTrue();
    assertThat(n3.core.leadership().leadsAt(ms(1961))).isFalse();
    assertThat(n3.tick(1961).subList(0, 4))
        .containsExactly(
            new Effect.CloseDuties(epoch(1), "the lease ended before a quorum renewed it"),
            nobody(1),
            send(N2, new Message.LeaseRelease(epoch(1), Optional.empty())),
            send(N1, new Message.LeaseRelease(epoch(1), Optional.empty())));
  }

  @Test
  void grantThatArrivesAfterTheEndRevivesNothing() {
    var n3 = leader();
    n3.tick(501);
    assertThat(n3.hears(1961, N2, grant(1, 3, place(1, 1))))
        .startsWith(new Effect.CloseDuties(epoch(1), "the lease ended before a quorum renewed it"));
    assertThat(n3.core.leadership().role()).isNotEqualTo(Role.LEADER);
  }

  @Test
  void stepDownClosesDutiesBeforeTheLeaseIsGivenBack() { // SPEC 3.7
    var release = new Message.LeaseRelease(epoch(1), Optional.of(N2));
    assertThat(leader().does(10, new Input.StepDown("maintenance")))
        .containsExactly(
            new Effect.CloseDuties(epoch(1), "maintenance"),
            nobody(1),
            send(N2, release),
            send(N1, release));
  }

  @Test
  void namedSuccessorRunsAtOnceAndOthersHoldBack() {
    var release = new Message.LeaseRelease(epoch(1), Optional.of(N2));
    var n2 = new CoreProbe(N2);
    n2.hears(0, N3, request(1, 1));
    assertThat(n2.hears(10, N3, release))
        .startsWith(new Effect.PersistPromise(promise(2, N2), true), send(N3, request(2, 1)));

    var n1 = new CoreProbe(N1);
    n1.hears(0, N3, request(1, 1));
    assertThat(n1.hears(10, N3, release)).isEmpty();
    assertThat(n1.tick(260)).isEmpty();
  }

  @Test
  void greaterEpochInARestoredStateEndsLeadership() {
    assertThat(leader().does(10, new Input.EpochKnown(epoch(90))))
        .startsWith(new Effect.CloseDuties(epoch(1), "the state names epoch 90"), nobody(1));
  }

  @Test
  void nextEpochIsGreaterThanThatOfARestoredState() {
    var n3 = new CoreProbe(N3);
    n3.does(0, new Input.EpochKnown(epoch(90)));
    n3.tick(1);
    assertThat(n3.hears(2, N2, new Message.PreVoteReply(epoch(91), 1, true, false, epoch(0))))
        .startsWith(new Effect.PersistPromise(promise(91, N3), true));
  }

  @Test
  void greaterPromiseAtAVoterEndsLeadership() { // C.2 F2
    assertThat(leader().hears(10, N1, denial(1, 3, 5)))
        .startsWith(new Effect.CloseDuties(epoch(1), "n1 has promised epoch 5"), nobody(1));
  }

  @Test
  void unfitLeaderStepsDown() {
    assertThat(leader().does(10, new Input.Fitness(false, "fsync took 9 s")))
        .startsWith(new Effect.CloseDuties(epoch(1), "fsync took 9 s"), nobody(1));
  }

  @Test
  void followerKnowsTheLeaderByItsAppendsAndForgetsItsSilence() {
    var n1 = new CoreProbe(N1);
    n1.hears(0, N3, request(1, 1));
    assertThat(n1.hears(5, N3, append(1, 1, LogPosition.START, 0)))
        .containsExactly(
            send(N3, matched(1, 1, 0)), announce(Role.FOLLOWER, Optional.of(N3), 1, Moment.MIN));
    assertThat(n1.tick(2019)).isEmpty();
    assertThat(n1.tick(2020)).startsWith(nobody(1));
  }

  @Test
  void voterThatHearsALeaderWouldGrantNobodyElse() {
    var n1 = new CoreProbe(N1);
    n1.hears(5, N3, append(1, 1, LogPosition.START, 0));
    assertThat(n1.hears(6, N2, ask(2, 1)))
        .containsExactly(send(N2, new Message.PreVoteReply(epoch(2), 1, false, false, epoch(1))));
  }

  // ---- transfer ----

  @Test
  void transferWaitsForTheTargetAndStopsTakingProposals() {
    var n3 = leader();
    n3.does(4, new Input.Propose(1, List.of(bytes("a"))));
    assertThat(n3.does(5, new Input.Transfer(9, Optional.of(N2)))).isEmpty();
    assertThat(n3.does(6, new Input.Propose(2, List.of(bytes("b")))))
        .singleElement()
        .isInstanceOf(Effect.Refused.class);
    var release = new Message.LeaseRelease(epoch(1), Optional.of(N2));
    assertThat(n3.hears(7, N2, matched(1, 3, 2)))
        .endsWith(
            new Effect.CloseDuties(epoch(1), "leadership goes to n2"),
            nobody(1),
            send(N2, release),
            send(N1, release),
            new Effect.Transferred(9, N2));
  }

  @Test
  void transferToASilentTargetIsRefusedAndLeadershipGoesOn() {
    var n3 = leader();
    n3.does(5, new Input.Transfer(9, Optional.of(N1)));
    for (int at = 501, round = 3; at < 2100; at += 500, round++) {
      n3.tick(at);
      n3.hears(at + 1, N2, grant(1, round, place(1, 1)));
    }
    assertThat(n3.tick(2110))
        .contains(
            new Effect.Refused(
                9,
                io.ringrift.kernel.Reason.UNREACHABLE,
                "n1 did not catch up with the log within PT2S; n3 goes on leading"));
    assertThat(n3.core.leadership().leadsAt(ms(2110))).isTrue();
  }

  // ---- even split ----

  @Test
  void evenSplitOfFourElectsNobody() { // C.7.4
    var n4 = new NodeId("n4");
    var four = Map.of(N1, 0, N2, 0, N3, 0, n4, 0);
    var left = new CoreProbe(config(N1, four), BullyCore.Recovered.EMPTY);
    var right = new CoreProbe(config(N2, four), BullyCore.Recovered.EMPTY);
    List<Effect> toRight = List.of();
    List<Effect> toLeft = List.of();
    for (int at = 0; at < 20_000; at += 30) {
      toRight = talk(left, at, N2, toLeft);
      toLeft = talk(right, at, N1, toRight);
      assertThat(left.core.leadership().leader()).isEmpty();
      assertThat(right.core.leadership().leader()).isEmpty();
    }
    assertThat(left.core.promise()).isEqualTo(Promise.NONE);
  }

  private static List<Effect> talk(CoreProbe one, int at, NodeId other, List<Effect> heard) {
    var said = new java.util.ArrayList<>(one.tick(at));
    NodeId self = other.equals(N2) ? N1 : N2;
    for (Effect effect : heard) {
      if (effect instanceof Effect.Send(var to, var message) && to.equals(self)) {
        said.addAll(one.hears(at, other, message));
      }
    }
    return said;
  }
}
