package io.ringrift.kernel.consensus.raft;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.time.Moment;
import java.time.Duration;
import org.junit.jupiter.api.Test;

final class VoteGuardTest {
  private static final NodeId N1 = new NodeId("n1");
  private static final NodeId N2 = new NodeId("n2");
  private static final Moment START = new Moment(0);
  private static final Duration HOLD = Duration.ofMillis(500);

  private static Moment at(long millis) {
    return START.plus(Duration.ofMillis(millis));
  }

  /// A voter with a log that has sat out what it may have promised before.
  private final VoteGuard guard = new VoteGuard(HOLD, at(-1000), true);

  @Test
  void whoHeardALeaderHelpsNobodyElseForOneHold() {
    guard.heard(at(0), N1, 3, 10, false);
    assertThat(guard.withheld(at(499), N2, 10))
        .hasValueSatisfying(w -> assertThat(w).contains("n1"));
    assertThat(guard.withheld(at(499), N1, 10)).isEmpty();
    assertThat(guard.withheld(at(500), N2, 10)).isEmpty();
  }

  @Test
  void anAppendOfAnOldTermHoldsNothing() {
    guard.heard(at(0), N2, 4, 10, false);
    guard.heard(at(400), N1, 3, 10, false);
    assertThat(guard.withheld(at(450), N1, 10)).isPresent();
    assertThat(guard.withheld(at(501), N1, 10)).isEmpty();
  }

  @Test
  void aLeaderThatGaveItsLeaseBackIsHeldToNothing() {
    guard.heard(at(0), N1, 3, 10, false);
    guard.released(3);
    assertThat(guard.withheld(at(1), N2, 10)).isEmpty();
    guard.heard(at(2), N1, 3, 10, false);
    assertThat(guard.withheld(at(3), N2, 10)).isEmpty();
    guard.heard(at(4), N2, 4, 10, false);
    assertThat(guard.withheld(at(5), N1, 10)).isPresent();
  }

  @Test
  void whoHoldsAnOfficeHelpsNobodyIntoAnotherMeanwhile() {
    guard.holdsOffice(at(300), guard.settled());
    assertThat(guard.withheld(at(299), N2, 10))
        .hasValueSatisfying(w -> assertThat(w).contains("own lease"));
    assertThat(guard.withheld(at(300), N2, 10)).isEmpty();
    guard.holdsOffice(at(900), guard.settled());
    guard.holdsOffice(Moment.MIN, guard.settled());
    assertThat(guard.withheld(at(400), N2, 10)).isEmpty();
  }

  @Test
  void aRestartSitsOutWhatItMayHavePromised() {
    var restarted = new VoteGuard(HOLD, at(0), true);
    assertThat(restarted.withheld(at(499), N2, 10)).isPresent();
    assertThat(restarted.withheld(at(500), N2, 10)).isEmpty();
  }

  @Test
  void anEmptyVoterElectsAmongEmptyOnesOnly() {
    var fresh = new VoteGuard(HOLD, at(0), false);
    assertThat(fresh.withheld(at(0), N1, 0)).isEmpty();
    assertThat(fresh.withheld(at(0), N1, 7)).isPresent();
  }

  @Test
  void aClusterThatHasJustBegunIsNoWipedOne() {
    var fresh = new VoteGuard(HOLD, at(0), false);
    fresh.heard(at(0), N1, 1, -1, true);
    assertThat(fresh.withheld(at(600), N2, 3)).isEmpty();
    var elected = new VoteGuard(HOLD, at(0), false);
    elected.leads();
    assertThat(elected.withheld(at(1), N2, 3)).isEmpty();
  }

  @Test
  void aWipedVoterVotesAgainOnceItHoldsWhatWasCommittedDuringOneHold() {
    var wiped = new VoteGuard(HOLD, at(0), false);
    wiped.heard(at(0), N1, 3, 40, false);
    wiped.heard(at(400), N1, 3, 50, false);
    wiped.applied(at(450), 60);
    assertThat(wiped.rebuilding()).as("entries of before may still become committed").isTrue();
    wiped.heard(at(600), N1, 3, 70, false);
    wiped.applied(at(601), 49);
    assertThat(wiped.rebuilding()).isTrue();
    wiped.applied(at(602), 50);
    assertThat(wiped.rebuilding()).isFalse();
    assertThat(wiped.withheld(at(1200), N2, 70)).isEmpty();
  }

  @Test
  void snapshotOnItsWayDoesNotFreeAWipedVoter() {
    var wiped = new VoteGuard(HOLD, at(0), false);
    wiped.heard(at(0), N1, 3, 40, false);
    wiped.applied(at(5_000), 10);
    assertThat(wiped.withheld(at(60_000), N2, 5)).isPresent();
    wiped.applied(at(6_000), 40);
    assertThat(wiped.withheld(at(60_000), N2, 50)).isEmpty();
  }

  @Test
  void leaderThatDoesNotKnowWhatIsCommittedDoesNotFreeAWipedVoter() {
    var wiped = new VoteGuard(HOLD, at(0), false);
    wiped.heard(at(0), N1, 3, 0, false);
    assertThat(wiped.rebuilding()).isTrue();
  }

  @Test
  void aVoterStandsOnlyOnceNoLeaseIsHeldToAndOnlyBehindTheTermItFollows() {
    assertThat(guard.mayStand(at(0), 3)).as("nobody was followed").isFalse();
    guard.heard(at(0), N1, 3, 10, false);
    assertThat(guard.followed()).contains(new Followed(N1, 3, at(500)));
    assertThat(guard.mayStand(at(499), 3)).isFalse();
    assertThat(guard.mayStand(at(500), 2)).isFalse();
    assertThat(guard.mayStand(at(500), 3)).isTrue();
    guard.holdsOffice(at(600), guard.settled());
    assertThat(guard.mayStand(at(599), 3)).isFalse();
  }

  /// The old leader's append, if it still comes, must not have this voter hold to a term that it
  /// left.
  @Test
  void anAppendOfTheTermThatAVoterStoodBehindHoldsNothing() {
    guard.heard(at(0), N1, 3, 10, false);
    guard.stood(3);
    assertThat(guard.followed()).isEmpty();
    guard.heard(at(510), N1, 3, 10, false);
    assertThat(guard.followed()).isEmpty();
    assertThat(guard.withheld(at(511), N2, 10)).isEmpty();
    guard.heard(at(520), N2, 4, 10, false);
    assertThat(guard.followed()).contains(new Followed(N2, 4, at(1020)));
  }

  @Test
  void nobodySucceedsALeaderThatHandsOver() {
    guard.heard(at(0), N1, 3, 10, false);
    guard.released(3);
    assertThat(guard.followed()).isEmpty();
  }

  @Test
  void aVoterThatIsRebuildingSucceedsNobody() {
    var wiped = new VoteGuard(HOLD, at(0), false);
    wiped.heard(at(0), N1, 3, 40, false);
    assertThat(wiped.followed()).isEmpty();
    assertThat(wiped.mayStand(at(2_000), 3)).isFalse();
  }

  /// The vote may be on its way to Raft while an append's answer prolongs the lease.
  @Test
  void whoLetAVoteThroughHoldsNoOfficeThatRestsOnWhatWasReadBeforeRaftDecided() {
    long before = guard.settled();
    assertThat(guard.holdsOffice(at(300), before)).isTrue();
    guard.passes();
    assertThat(guard.holdsOffice(at(900), before)).isFalse();
    assertThat(guard.withheld(at(400), N2, 10)).isEmpty();
    assertThat(guard.holdsOffice(at(900), guard.settled())).as("not decided yet").isFalse();
    guard.settles();
    assertThat(guard.holdsOffice(at(900), before)).isFalse();
  }

  /// Else a leader whose Raft refused the vote would never lead again in its term.
  @Test
  void aVoteThatRaftHasDecidedAboutBarsNoLaterOffice() {
    guard.passes();
    guard.settles();
    assertThat(guard.holdsOffice(at(900), guard.settled())).isTrue();
    assertThat(guard.withheld(at(899), N2, 10)).isPresent();
  }
}
