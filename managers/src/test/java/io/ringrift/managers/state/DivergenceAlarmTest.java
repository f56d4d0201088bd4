package io.ringrift.managers.state;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringrift.event.v1.Event;
import io.ringrift.event.v1.EventServiceGrpc;
import io.ringrift.event.v1.ListEventsRequest;
import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.managers.Health;
import io.ringrift.managers.LoopSpec;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/// The alarm for replicas that differ, as an operator sees it: a round at the leader compares its
/// state with those of two other voters.
class DivergenceAlarmTest extends ReplicaBed {
  private LoopSpec comparison() {
    return manager.loops().stream()
        .filter(loop -> loop.name().equals("state_comparison"))
        .findFirst()
        .orElseThrow();
  }

  private void round() throws InterruptedException {
    comparison().round().run(Optional.of(new Epoch(1)));
  }

  private List<Event> events() {
    return EventServiceGrpc.newBlockingStub(channel)
        .listEvents(ListEventsRequest.getDefaultInstance())
        .getEventsList()
        .stream()
        .filter(event -> event.getKind().equals("STATE_DIVERGED"))
        .toList();
  }

  private void assertQuiet() {
    assertThat(manager.divergedReplicas()).isZero();
    assertThat(comparison().counters().read()).containsEntry("diverged", 0L);
    assertThat(manager.health().status()).isEqualTo(Health.Status.RUNNING);
    assertThat(state().getDivergedMap()).isEmpty();
  }

  /// Of another voter, by one that is right: it stays fit for duty.
  private void assertTold(Map<String, Long> diverged) {
    assertTold(diverged, Health.Status.DEGRADED);
    assertThat(manager.health().healthy()).isTrue();
  }

  private void assertTold(Map<String, Long> diverged, Health.Status own) {
    assertThat(manager.divergedReplicas()).isEqualTo(diverged.size());
    assertThat(comparison().counters().read()).containsEntry("diverged", (long) diverged.size());
    assertThat(manager.health().status()).isEqualTo(own);
    assertThat(manager.health().message())
        .contains("replicas differ", new TreeMap<>(diverged).toString(), "docs/OPERATING.md");
    assertThat(state().getDivergedMap()).isEqualTo(diverged);
  }

  /// @return the place of the log from which on the replica differs
  private long differ(Replica replica) {
    replica.damage = Replica::lost;
    submit();
    replica.damage = entry -> entry;
    return index();
  }

  @Test
  void replicaThatDiffersIsToldByGaugeHealthAndEvent() throws InterruptedException {
    long place = differ(n3);
    round();
    assertTold(Map.of("n3", place));
    assertThat(events())
        .singleElement()
        .satisfies(
            event -> {
              assertThat(event.getSubject()).isEqualTo("n3");
              assertThat(event.getAttributesMap())
                  .isEqualTo(Map.of("index", Long.toString(place), "wrong", "true"));
            });
  }

  @Test
  void alarmThatGoesOnKeepsItsPlaceAndIsOneEvent() throws InterruptedException {
    long place = differ(n3);
    round();
    submit();
    round();
    assertTold(Map.of("n3", place));
    assertThat(events()).hasSize(1);
    long second = differ(n2);
    round();
    assertTold(Map.of("n2", second, "n3", place), Health.Status.ERROR);
    assertThat(events()).extracting(Event::getSubject).containsExactly("n3", "n2");
  }

  @Test
  void equalReplicasRaiseNothing() throws InterruptedException {
    submit();
    assertThat(n2.stateHash()).isEqualTo(n3.stateHash()).isEqualTo(state().getStateHash());
    round();
    assertQuiet();
    assertThat(events()).isEmpty();
  }

  @Test
  void replicaThatIsBehindRaisesNothing() throws InterruptedException {
    submit();
    n2.lags = true;
    submit();
    assertThat(n2.stateHash()).isNotEqualTo(state().getStateHash());
    round();
    assertQuiet();
    n2.catchUp();
    round();
    assertQuiet();
    assertThat(events()).isEmpty();
  }

  @Test
  void statesAtDifferentPlacesAreNotComparedUntilBothStandAtOne() throws InterruptedException {
    differ(n2);
    n2.lags = true;
    submit();
    round();
    assertQuiet();
    n2.catchUp();
    round();
    assertTold(Map.of("n2", index() - 1));
  }

  @Test
  void replicaThatDiffersAndLagsIsFoundAtAPlaceThatBothMarked() throws InterruptedException {
    differ(n2);
    while (index() < 100) {
      submit();
    }
    n2.lags = true;
    submit();
    round();
    assertTold(Map.of("n2", 63L));
  }

  @Test
  void replicaOutOfReachIsAsItWasAtTheLastRound() throws InterruptedException {
    n2.reachable = false;
    long place = differ(n3);
    round();
    assertTold(Map.of("n3", place), Health.Status.ERROR);
    n3.reachable = false;
    round();
    assertTold(Map.of("n3", place), Health.Status.ERROR);
  }

  @Test
  void alarmEndsOnceTheReplicaWasMadeAnewFromTheLog() throws InterruptedException, IOException {
    differ(n3);
    round();
    ledger.unfollow(n3);
    n3.close();
    n3 = begin("n3", "n3-again");
    ledger.follow(n3);
    round();
    assertQuiet();
    assertThat(events()).hasSize(1);
  }

  /// Its hashes are the odd ones: moving the others' folders away would erase what is right.
  @Test
  void leaderThatMostVotersContradictNamesItselfAndHandsOver() throws InterruptedException {
    n2.damage = Replica::lost;
    long place = differ(n3);
    n2.damage = entry -> entry;
    round();
    assertTold(Map.of("n1", place), Health.Status.ERROR);
    assertThat(manager.health().message()).doesNotContain("not known");
    assertThat(events()).extracting(Event::getSubject).containsExactly("n1");
    assertThat(consensus.nominated).containsExactly(new NodeId("n2"));
  }

  @Test
  void leaderThatIsWrongAsksTheNextVoterWhenOneDoesNotTakeTheOffice() throws InterruptedException {
    n2.damage = Replica::lost;
    differ(n3);
    n2.damage = entry -> entry;
    consensus.unwilling = List.of(new NodeId("n2"));
    round();
    assertThat(consensus.nominated).containsExactly(new NodeId("n2"), new NodeId("n3"));
  }

  @Test
  void ofTwoThatDifferNobodyIsWrongUntilAThirdTells() throws InterruptedException {
    n2.damage = Replica::lost;
    n3.reachable = false;
    long place = differ(n3);
    n2.damage = entry -> entry;
    round();
    assertTold(Map.of("n2", place), Health.Status.ERROR);
    assertThat(manager.health().message()).contains("not known whether [n2] or this voter");
    assertThat(consensus.nominated).isEmpty();
    n3.reachable = true;
    round();
    assertTold(Map.of("n1", place + 1), Health.Status.ERROR); // the event lies between
    assertThat(events())
        .extracting(e -> e.getSubject() + " " + e.getAttributesOrThrow("wrong"))
        .containsExactly("n2 false", "n1 true");
  }

  @Test
  void alarmStaysWhileTheReplicaSharesNoPlaceWithTheOthers()
      throws InterruptedException, IOException {
    long place = differ(n3);
    round();
    ledger.unfollow(n3);
    n3.close();
    n3 = begin("n3", "n3-again");
    submit();
    round();
    assertTold(Map.of("n3", place));
    assertThat(events()).hasSize(1);
    ledger.follow(n3);
    round();
    assertQuiet();
  }

  @Test
  void voterInTheLogOfAnotherModeIsNotCompared() throws InterruptedException, IOException {
    ledger.unfollow(n3);
    n3.close();
    n3 = begin("n3", "n3-raft", "raft");
    n3.damage = Replica::lost;
    ledger.follow(n3);
    submit();
    round();
    assertQuiet();
  }

  @Test
  void alarmAboutAVoterEndsWhenItVotesNoMore() throws InterruptedException {
    differ(n3);
    round();
    consensus.voters = VOTERS.subList(0, 2);
    round();
    assertQuiet();
  }

  @Test
  void voterThatFollowsTellsAsWellAndRecordsNothing() throws InterruptedException {
    long place = differ(n3);
    consensus.follow("n2", 2);
    round();
    assertTold(Map.of("n3", place));
    assertThat(events()).isEmpty();
  }

  @Test
  void followerHearsThatAReplicaWasMadeAnewBeforeItLeadsAgain()
      throws InterruptedException, IOException {
    differ(n3);
    round();
    consensus.follow("n2", 2);
    ledger.unfollow(n3);
    n3.close();
    n3 = begin("n3", "n3-again");
    ledger.follow(n3);
    round();
    assertQuiet();
    consensus.lead(3);
    assertQuiet();
  }

  @Test
  void alarmThatTheLedgerDidNotTakeIsRecordedAtTheNextRound() throws InterruptedException {
    differ(n3);
    ledger.refuses = _ -> Optional.of(new Refusal(Reason.OVERLOADED, "too much at once"));
    round();
    assertThat(events()).isEmpty();
    ledger.refuses = _ -> Optional.empty();
    round();
    round();
    assertThat(events()).extracting(Event::getSubject).containsExactly("n3");
  }

  @Test
  void eachOfficeRecordsTheAlarmOnce() throws InterruptedException {
    differ(n3);
    round();
    consensus.follow("n2", 2);
    consensus.lead(3);
    round();
    round();
    assertThat(events()).extracting(Event::getSubject).containsExactly("n3", "n3");
  }
}
