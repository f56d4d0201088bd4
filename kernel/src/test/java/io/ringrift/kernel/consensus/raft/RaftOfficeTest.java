package io.ringrift.kernel.consensus.raft;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.Leadership;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Role;
import io.ringrift.kernel.consensus.raft.OfficeEffect.Announce;
import io.ringrift.kernel.consensus.raft.OfficeEffect.Candidacy;
import io.ringrift.kernel.consensus.raft.OfficeEffect.CloseDuties;
import io.ringrift.kernel.consensus.raft.OfficeEffect.OfferEpoch;
import io.ringrift.kernel.consensus.raft.OfficeEffect.OpenDuties;
import io.ringrift.kernel.consensus.raft.OfficeEffect.Resign;
import io.ringrift.kernel.time.Moment;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class RaftOfficeTest {
  private static final NodeId SELF = new NodeId("n1");
  private static final NodeId OTHER = new NodeId("n2");
  private static final Epoch E4 = new Epoch(4);
  private static final Epoch E5 = new Epoch(5);
  private static final Moment LEASE = at(1000);

  private final RaftOffice office = office(Epoch.ZERO);

  private static RaftOffice office(Epoch known) {
    return new RaftOffice(SELF, Duration.ofMillis(100), Duration.ofMillis(300), known);
  }

  private static Moment at(long millis) {
    return new Moment(0).plus(Duration.ofMillis(millis));
  }

  private static Applied applied(Epoch epoch, long term) {
    return new Applied(term, 9, epoch, Optional.of(new Applied.Office(term, epoch)), "");
  }

  private static Sight leads(long term, Epoch epoch) {
    return new Sight(true, true, term, Optional.of(SELF), LEASE, applied(epoch, term), true, "");
  }

  private static Sight follows(NodeId leader, long term, Applied applied) {
    return new Sight(true, false, term, Optional.of(leader), Moment.MIN, applied, true, "");
  }

  private static Announce nobody(Epoch epoch) {
    return new Announce(Leadership.unknown(epoch));
  }

  private static Announce self(Epoch epoch) {
    return new Announce(new Leadership(Role.LEADER, Optional.of(SELF), epoch, LEASE));
  }

  private void takeOffice() {
    office.step(at(0), leads(7, E4));
    office.granted(7, E5);
    assertThat(office.step(at(1), leads(7, E5))).containsExactly(self(E5), new OpenDuties(E5));
  }

  @Test
  void aRaftLeaderLeadsNobodyBeforeItsEpochIsInTheLog() {
    assertThat(office.step(at(0), leads(7, E4))).containsExactly(new OfferEpoch(7), nobody(E4));
    assertThat(office.step(at(1), leads(7, E4))).containsExactly(nobody(E4));
    office.granted(7, E5);
    assertThat(office.step(at(2), leads(7, E5))).containsExactly(self(E5), new OpenDuties(E5));
    assertThat(office.step(at(3), leads(7, E5))).containsExactly(self(E5));
  }

  @Test
  void logThatIsExecutedFromItsBeginningAgainNamesNoEpochThatIsOver() {
    var restarted = office(E5);
    var early = new Applied(3, 1, new Epoch(1), Optional.empty(), "");
    assertThat(restarted.step(at(0), follows(OTHER, 7, early))).containsExactly(nobody(E5));
    // One Raft term may have opened several epochs.
    assertThat(restarted.step(at(1), follows(OTHER, 7, applied(E4, 7))))
        .containsExactly(nobody(E5));
    assertThat(restarted.step(at(2), follows(OTHER, 7, applied(E5, 7))))
        .containsExactly(
            new Announce(new Leadership(Role.FOLLOWER, Optional.of(OTHER), E5, Moment.MIN)));
  }

  @Test
  void logThatIsExecutedAgainInTheSameProcessNamesNoEpochThatIsOver() {
    assertThat(office.step(at(0), follows(OTHER, 7, applied(E5, 7)))).hasSize(1);
    assertThat(office.step(at(1), follows(OTHER, 7, applied(E4, 7)))).containsExactly(nobody(E5));
  }

  @Test
  void greaterEpochInARestoredStateEndsTheOfficeAndAnotherIsOffered() {
    takeOffice();
    office.outgrown(new Epoch(90));
    assertThat(office.step(at(200), leads(7, E5)))
        .containsExactly(
            new CloseDuties(E5, "the state names epoch 90"), new OfferEpoch(7), nobody(E5));
  }

  @Test
  void anOfferThatCameToNothingIsMadeAgain() {
    office.step(at(0), leads(7, E4));
    office.offerFailed();
    assertThat(office.step(at(50), leads(7, E4))).containsExactly(nobody(E4));
    assertThat(office.step(at(100), leads(7, E4))).containsExactly(new OfferEpoch(7), nobody(E4));
  }

  @Test
  void withoutALeaseNoOfficeIsTaken() {
    var leaseless =
        new Sight(true, true, 7, Optional.of(SELF), Moment.MIN, applied(E4, 6), true, "");
    assertThat(office.step(at(0), leaseless)).containsExactly(nobody(E4));
  }

  /// Ratis calls nobody back when the successor is unknown (RATIS-981).
  @Test
  void dutiesCloseThoughNoSuccessorIsKnown() {
    takeOffice();
    var lost = new Sight(true, false, 7, Optional.empty(), Moment.MIN, applied(E5, 7), true, "");
    assertThat(office.step(at(2), lost))
        .containsExactly(new CloseDuties(E5, "another raft term began"), nobody(E5));
  }

  @Test
  void dutiesCloseWhenTheTermRaisesOrTheDivisionStops() {
    takeOffice();
    assertThat(office.step(at(2), leads(8, E5)))
        .contains(new CloseDuties(E5, "another raft term began"), new OfferEpoch(8));
    var second = office(Epoch.ZERO);
    second.step(at(0), leads(7, E4));
    second.granted(7, E5);
    second.step(at(1), leads(7, E5));
    var stopped =
        new Sight(false, false, -1, Optional.empty(), Moment.MIN, applied(E5, 7), false, "gone");
    assertThat(second.step(at(2), stopped))
        .containsExactly(new CloseDuties(E5, "the raft division stopped"), nobody(E5));
  }

  private static Sight renewed(long endsMillis) {
    return new Sight(true, true, 7, Optional.of(SELF), at(endsMillis), applied(E5, 7), true, "");
  }

  @Test
  void anOfficeWhoseLeaseEndedComesBackUnderAnotherEpoch() {
    takeOffice();
    assertThat(office.step(LEASE, leads(7, E5)))
        .containsExactly(new CloseDuties(E5, "the lease ended"), nobody(E5));
    assertThat(office.step(at(1200), renewed(2000))).containsExactly(new OfferEpoch(7), nobody(E5));
  }

  /// What is seen afterwards may rest on a majority that elected another meanwhile.
  @Test
  void aLeaseThatLapsedIsNotRenewedThoughAMajorityFollowsAgain() {
    takeOffice();
    assertThat(office.step(LEASE, renewed(2000)))
        .containsExactly(new CloseDuties(E5, "the lease ended"), new OfferEpoch(7), nobody(E5));
  }

  @Test
  void anOfficeThatIsToldOfALapseEndsThoughItsLeaseSeemsToRun() {
    takeOffice();
    office.lapsed();
    assertThat(office.step(at(200), renewed(2000)))
        .contains(new CloseDuties(E5, "the lease ended"), new OfferEpoch(7));
    office.granted(7, new Epoch(6));
    assertThat(office.step(at(201), renewed(2000)))
        .as("the next office is free of it")
        .contains(new OpenDuties(new Epoch(6)));
    assertThat(office.step(at(202), renewed(2000))).hasSize(1);
  }

  /// A new connection to a follower has no answer yet. The own vote would be free before anybody
  /// hears of a shorter lease.
  @Test
  void aLeaseThatWasToldIsNeverShortened() {
    takeOffice();
    assertThat(office.step(at(2), renewed(500))).containsExactly(self(E5));
    assertThat(office.step(at(999), renewed(500))).containsExactly(self(E5));
    assertThat(office.step(LEASE, renewed(500))).contains(new CloseDuties(E5, "the lease ended"));
  }

  @Test
  void aSickLeaderResignsAndStandsAsideUntilItIsWell() {
    takeOffice();
    var sick = new Sight(true, true, 7, Optional.of(SELF), LEASE, applied(E5, 7), false, "slow");
    assertThat(office.step(at(2), sick))
        .containsExactly(
            new CloseDuties(E5, "slow"), new Candidacy(false), new Resign("slow"), nobody(E5));
    assertThat(office.step(at(3), sick)).containsExactly(nobody(E5));
    assertThat(office.step(at(102), sick)).contains(new Resign("slow"));
    assertThat(office.step(at(200), leads(8, E5)))
        .containsExactly(new Candidacy(true), new OfferEpoch(8), nobody(E5));
  }

  @Test
  void whoHandsOverTakesNoOfficeInTheSameTerm() {
    takeOffice();
    office.leave(7, "operator");
    assertThat(office.step(at(2), leads(7, E5)))
        .containsExactly(new CloseDuties(E5, "operator"), nobody(E5));
    assertThat(office.step(at(250), leads(7, E5))).containsExactly(nobody(E5));
    assertThat(office.step(at(251), leads(8, E5))).contains(new OfferEpoch(8));
  }

  @Test
  void whoseHandoverCameToNothingAsksAgainUntilAnotherIsElected() {
    takeOffice();
    office.leave(7, "operator");
    assertThat(office.step(at(2), leads(7, E5)))
        .containsExactly(new CloseDuties(E5, "operator"), nobody(E5));
    assertThat(office.step(at(301), leads(7, E5))).containsExactly(nobody(E5));
    assertThat(office.step(at(302), leads(7, E5))).contains(new Resign("operator"));
    assertThat(office.step(at(303), leads(7, E5))).containsExactly(nobody(E5));
    assertThat(office.step(at(402), leads(7, E5))).contains(new Resign("operator"));
    assertThat(office.step(at(500), leads(8, E5))).contains(new OfferEpoch(8));
  }

  @Test
  void aFollowerNamesTheLeaderOnceItsEpochIsExecutedHere() {
    assertThat(office.step(at(0), follows(OTHER, 8, applied(E4, 7)))).containsExactly(nobody(E4));
    assertThat(office.step(at(1), follows(OTHER, 8, applied(E5, 8))))
        .isEqualTo(
            List.of(
                new Announce(new Leadership(Role.FOLLOWER, Optional.of(OTHER), E5, Moment.MIN))));
  }
}
