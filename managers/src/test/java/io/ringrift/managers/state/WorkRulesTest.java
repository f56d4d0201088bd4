package io.ringrift.managers.state;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Duration;
import io.ringrift.queue.v1.FailWorkRequest;
import io.ringrift.queue.v1.WorkItem;
import io.ringrift.queue.v1.WorkState;
import io.ringrift.state.v1.AddWork;
import io.ringrift.state.v1.CancelWork;
import io.ringrift.state.v1.Command;
import io.ringrift.state.v1.CommandResult;
import io.ringrift.state.v1.MaintainQueue;
import io.ringrift.state.v1.RenewClaims;
import io.ringrift.state.v1.RequeueWork;
import io.ringrift.state.v1.SetDrain;
import io.ringrift.state.v1.UpdateClaim;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Rules of SPEC 1.5 and 7.3.
class WorkRulesTest {
  private final Ledgers ledger = new Ledgers();

  private WorkItem claimOne(String worker) {
    CommandResult result = ledger.claim(worker, 1);
    assertThat(result.getItemsCount()).isEqualTo(1);
    return result.getItems(0);
  }

  private WorkItem item(String id) {
    WorkItem item = ledger.state.work().get(id);
    assertThat(item).isNotNull();
    return item == null ? WorkItem.getDefaultInstance() : item;
  }

  private CommandResult maintain() {
    return ledger.apply(
        Command.newBuilder()
            .setMaintainQueue(MaintainQueue.newBuilder().setKeepEndedMillis(86_400_000)));
  }

  @Test
  void greaterPriorityIsClaimedFirst() {
    ledger.addWork("low", Ledgers.selfplay().setPriority(10));
    ledger.addWork("high", Ledgers.selfplay().setPriority(90));
    assertThat(claimOne("w").getWorkId()).isEqualTo("high");
  }

  @Test
  void theEarlierCreatedOfOnePriorityIsClaimedFirst() {
    ledger.addWork("first", Ledgers.selfplay());
    ledger.addWork("second", Ledgers.selfplay());
    assertThat(claimOne("w").getWorkId()).isEqualTo("first");
  }

  @Test
  void ageingLiftsAnOldItemOverANewerOneOfGreaterPriority() {
    ledger.addWork("old", Ledgers.selfplay().setPriority(50));
    ledger.ledgerMillis += 11 * 60_000;
    ledger.addWork("new", Ledgers.selfplay().setPriority(60));
    assertThat(claimOne("w").getWorkId()).isEqualTo("old");
  }

  @Test
  void ageingIsCappedAtFiftyPoints() {
    ledger.addWork("ancient", Ledgers.selfplay().setPriority(0));
    ledger.ledgerMillis += 1000 * 60_000;
    ledger.addWork("new", Ledgers.selfplay().setPriority(51));
    assertThat(claimOne("w").getWorkId()).isEqualTo("new");
  }

  @Test
  void anItemIsGrantedToOneOfTwoClaimers() {
    ledger.addWork("only", Ledgers.selfplay());
    assertThat(ledger.claim("a", 1).getItemsCount()).isEqualTo(1);
    assertThat(ledger.claim("b", 1).getItemsCount()).isZero();
  }

  @Test
  void aWorkerWithoutTheCapabilityGetsNothing() {
    ledger.addWork("train", Ledgers.selfplay().setWorkType("training"));
    assertThat(ledger.claim("w", 1).getItemsCount()).isZero();
  }

  private CommandResult refuse(WorkItem held) {
    return ledger.update(held, UpdateClaim.newBuilder().setRefused("SPAWN_FAILED: no program"));
  }

  @Test
  void anItemIsKeptFromAWorkerThatCouldNotBeginItAndOfferedToOthers() {
    ledger.addWork("x", Ledgers.selfplay());
    refuse(claimOne("a"));
    assertThat(item("x").getState()).isEqualTo(WorkState.WORK_STATE_PENDING);
    assertThat(item("x").getAttempts()).isZero();
    assertThat(item("x").getError()).isEqualTo("a: SPAWN_FAILED: no program");
    assertThat(ledger.claim("a", 1).getItemsCount()).isZero();
    assertThat(claimOne("b").getWorkId()).isEqualTo("x");
  }

  @Test
  void aRefusedItemComesBackToItsWorkerAfterTwiceAsLongEachTime() {
    ledger.addWork("x", Ledgers.selfplay());
    for (long minutes = 1; minutes <= 8; minutes *= 2) {
      refuse(claimOne("a"));
      ledger.ledgerMillis += minutes * 60_000 - 1;
      assertThat(ledger.claim("a", 1).getItemsCount()).isZero();
      ledger.ledgerMillis++;
    }
    refuse(claimOne("a"));
    assertThat(item("x").getState()).isEqualTo(WorkState.WORK_STATE_FAILED);
    assertThat(item("x").getError()).contains("no program");
  }

  @Test
  void aRequeuedItemIsOfferedToThoseThatRefusedItBefore() {
    ledger.addWork("x", Ledgers.selfplay());
    refuse(claimOne("a"));
    ledger.update(
        claimOne("b"),
        UpdateClaim.newBuilder()
            .setFailed(FailWorkRequest.newBuilder().setError("broken").setPermanent(true)));
    ledger.apply(Command.newBuilder().setRequeueWork(RequeueWork.newBuilder().setWorkId("x")));
    assertThat(claimOne("a").getWorkId()).isEqualTo("x");
  }

  @Test
  void anExcludedWorkerGetsTheNextItem() {
    ledger.addWork("not-for-w", Ledgers.selfplay().setPriority(90).addExcludedNodeIds("w"));
    ledger.addWork("for-all", Ledgers.selfplay());
    assertThat(claimOne("w").getWorkId()).isEqualTo("for-all");
  }

  @Test
  void aPinnedItemIsForItsTargetOnly() {
    ledger.addWork("pinned", Ledgers.selfplay().setTargetNodeId("a"));
    assertThat(ledger.claim("b", 1).getItemsCount()).isZero();
    assertThat(claimOne("a").getWorkId()).isEqualTo("pinned");
  }

  @Test
  void aDrainingWorkerClaimsNothing() {
    ledger.addWork("x", Ledgers.selfplay());
    ledger.apply(
        Command.newBuilder().setSetDrain(SetDrain.newBuilder().setNodeId("w").setDrain(true)));
    assertThat(ledger.claim("w", 1).getItemsCount()).isZero();
  }

  @Test
  void anItemWaitsUntilItsDependencyIsCompleted() {
    ledger.addWork("first", Ledgers.selfplay());
    ledger.addWork("second", Ledgers.selfplay().setPriority(100).addDependsOn("first"));
    WorkItem first = claimOne("w");
    assertThat(ledger.claim("w", 1).getItemsCount()).isZero();
    ledger.update(first, UpdateClaim.newBuilder().setCompleted("done"));
    assertThat(claimOne("w").getWorkId()).isEqualTo("second");
  }

  @Test
  void aFailedDependencyKeepsItsDependentPending() {
    ledger.addWork("first", Ledgers.selfplay().setMaxAttempts(1));
    ledger.addWork("second", Ledgers.selfplay().addDependsOn("first"));
    ledger.update(claimOne("w"), UpdateClaim.newBuilder().setFailed(FailWorkRequest.newBuilder()));
    assertThat(ledger.claim("w", 1).getItemsCount()).isZero();
    assertThat(ledger.state.work().waitsFor(item("second"))).containsExactly("first");
  }

  @Test
  void anUnknownDependencyIsRefusedByName() {
    CommandResult result = ledger.addWork("x", Ledgers.selfplay().addDependsOn("ghost"));
    assertThat(result.getReason()).isEqualTo("INVALID_ARGUMENT");
    assertThat(result.getDetailsMap()).containsEntry("field", "items[0].depends_on");
  }

  @Test
  void aReportWithAnOldTokenIsRefused() {
    ledger.addWork("x", Ledgers.selfplay());
    WorkItem first = claimOne("a");
    ledger.ledgerMillis += 61_000;
    maintain();
    WorkItem second = claimOne("a");
    assertThat(second.getClaimToken()).isGreaterThan(first.getClaimToken());
    assertThat(ledger.update(first, UpdateClaim.newBuilder().setCompleted("late")).getReason())
        .isEqualTo("STALE_CLAIM");
    assertThat(item("x").getState()).isEqualTo(WorkState.WORK_STATE_CLAIMED);
  }

  @Test
  void aRepeatedCompletionChangesNothing() {
    ledger.addWork("x", Ledgers.selfplay());
    WorkItem held = claimOne("a");
    CommandResult once = ledger.update(held, UpdateClaim.newBuilder().setCompleted("r"));
    CommandResult twice = ledger.update(held, UpdateClaim.newBuilder().setCompleted("r"));
    assertThat(twice.getReason()).isEmpty();
    assertThat(twice.getItems(0)).isEqualTo(once.getItems(0));
  }

  @Test
  void theOutputOfTheAcceptedAttemptIsKeptUpToEightKiB() {
    ledger.addWork("x", Ledgers.selfplay());
    WorkItem held = claimOne("a");
    var done = UpdateClaim.newBuilder().setCompleted("r");
    CommandResult large = ledger.update(held, done.clone().setOutput("é".repeat(4097)));
    assertThat(large.getReason()).isEqualTo("INVALID_ARGUMENT");
    assertThat(large.getDetailsMap()).containsEntry("field", "output");
    assertThat(item("x").getState()).isEqualTo(WorkState.WORK_STATE_CLAIMED);

    String output = "é".repeat(4096);
    assertThat(ledger.update(held, done.clone().setOutput(output)).getReason()).isEmpty();
    assertThat(item("x").getOutput()).isEqualTo(output);
    assertThat(ledger.update(held, done.clone().setOutput(output)).getReason()).isEmpty();
    assertThat(ledger.update(held, done.clone().setOutput("{}")).getReason()).isNotEmpty();
    assertThat(item("x").getOutput()).isEqualTo(output);
  }

  @Test
  void aFailedAttemptGoesBackUntilAttemptsAreUsedUp() {
    ledger.addWork("x", Ledgers.selfplay().setMaxAttempts(2));
    var failed = UpdateClaim.newBuilder().setFailed(FailWorkRequest.newBuilder().setError("no"));
    assertThat(ledger.update(claimOne("a"), failed).getItems(0).getState())
        .isEqualTo(WorkState.WORK_STATE_PENDING);
    assertThat(ledger.update(claimOne("a"), failed).getItems(0).getState())
        .isEqualTo(WorkState.WORK_STATE_FAILED);
  }

  @Test
  void eachFailureIsAnEventWithItsError() {
    ledger.addWork("x", Ledgers.selfplay().setMaxAttempts(2));
    var failed = UpdateClaim.newBuilder().setFailed(FailWorkRequest.newBuilder().setError("no"));
    ledger.update(claimOne("a"), failed);
    ledger.update(claimOne("a"), failed);
    assertThat(ledger.state.events().after(new EventRing.Place(0, 0), 100))
        .extracting(event -> event.getKind() + " " + event.getAttributesOrDefault("error", ""))
        .containsSubsequence("WORK_RETRY no", "WORK_FAILED no");
  }

  @Test
  void aPermanentFailureIsNotTriedAgain() {
    ledger.addWork("x", Ledgers.selfplay());
    var failed =
        UpdateClaim.newBuilder().setFailed(FailWorkRequest.newBuilder().setPermanent(true));
    assertThat(ledger.update(claimOne("a"), failed).getItems(0).getState())
        .isEqualTo(WorkState.WORK_STATE_FAILED);
  }

  @Test
  void aReleasedClaimDoesNotCountAsAnAttempt() {
    ledger.addWork("x", Ledgers.selfplay());
    ledger.update(claimOne("a"), UpdateClaim.newBuilder().setReleased("full"));
    assertThat(item("x").getAttempts()).isZero();
    assertThat(item("x").getState()).isEqualTo(WorkState.WORK_STATE_PENDING);
  }

  @Test
  void theLastAttemptsExpiredLeaseIsATimeout() {
    ledger.addWork("x", Ledgers.selfplay().setMaxAttempts(1));
    claimOne("a");
    ledger.ledgerMillis += 60_000;
    maintain();
    assertThat(item("x").getState()).isEqualTo(WorkState.WORK_STATE_TIMEOUT);
  }

  @Test
  void renewalKeepsAClaimPastItsFirstLease() {
    ledger.addWork("x", Ledgers.selfplay());
    WorkItem held = claimOne("a");
    ledger.ledgerMillis += 50_000;
    ledger.apply(
        Command.newBuilder().setRenewClaims(RenewClaims.newBuilder().addClaims(Ledgers.ref(held))));
    ledger.ledgerMillis += 50_000;
    maintain();
    assertThat(item("x").getState()).isEqualTo(WorkState.WORK_STATE_CLAIMED);
  }

  @Test
  void renewalCannotOutliveTheAttempt() {
    ledger.addWork("x", Ledgers.selfplay().setTimeout(Duration.newBuilder().setSeconds(90)));
    WorkItem held = claimOne("a");
    ledger.ledgerMillis += 50_000;
    ledger.apply(
        Command.newBuilder().setRenewClaims(RenewClaims.newBuilder().addClaims(Ledgers.ref(held))));
    ledger.ledgerMillis += 45_000;
    maintain();
    assertThat(item("x").getState()).isEqualTo(WorkState.WORK_STATE_PENDING);
  }

  @Test
  void renewingALostClaimTellsWhichIsLost() {
    ledger.addWork("x", Ledgers.selfplay());
    WorkItem held = claimOne("a");
    ledger.apply(Command.newBuilder().setCancelWork(CancelWork.newBuilder().setWorkId("x")));
    CommandResult result =
        ledger.apply(
            Command.newBuilder()
                .setRenewClaims(RenewClaims.newBuilder().addClaims(Ledgers.ref(held))));
    assertThat(result.getLostList()).containsExactly("x");
  }

  @Test
  void aNewLeaderGivesHeldClaimsAWholeLease() {
    ledger.addWork("x", Ledgers.selfplay());
    claimOne("a");
    ledger.ledgerMillis += 59_000;
    ledger.addWork("y", Ledgers.selfplay());
    ledger.lead("n2");
    ledger.ledgerMillis += 59_000;
    maintain();
    assertThat(item("x").getState()).isEqualTo(WorkState.WORK_STATE_CLAIMED);
  }

  @Test
  void aRequeuedDeadLetterBeginsAnewAlsoOnTheOnlyWorker() {
    ledger.addWork("x", Ledgers.selfplay().setMaxAttempts(1));
    ledger.update(claimOne("a"), UpdateClaim.newBuilder().setFailed(FailWorkRequest.newBuilder()));
    ledger.apply(Command.newBuilder().setRequeueWork(RequeueWork.newBuilder().setWorkId("x")));
    assertThat(item("x").getAttempts()).isZero();
    assertThat(claimOne("a").getWorkId()).isEqualTo("x");
  }

  @Test
  void lowPrioritiesAreRefusedAboveTheSoftLimit() {
    assertThat(addTo(2, 3, 49, false)).isEmpty();
    assertThat(addTo(2, 3, 49, false)).isEmpty();
    assertThat(addTo(2, 3, 49, false)).isEqualTo("BACKPRESSURE");
    assertThat(addTo(2, 3, 49, true)).isEmpty();
  }

  @Test
  void everythingIsRefusedAboveTheHardLimit() {
    assertThat(addTo(1, 1, 100, false)).isEmpty();
    assertThat(addTo(1, 1, 100, true)).isEqualTo("BACKPRESSURE");
  }

  private int added;

  private String addTo(int soft, int hard, int priority, boolean force) {
    return ledger
        .apply(
            Command.newBuilder()
                .setAddWork(
                    AddWork.newBuilder()
                        .addWorkIds("w" + added++)
                        .addItems(Ledgers.selfplay().setPriority(priority))
                        .setForce(force)
                        .setSoftLimit(soft)
                        .setHardLimit(hard)))
        .getReason();
  }

  @Test
  void endedItemsAreForgottenAfterTheirTimeUnlessSomebodyWaitsForThem() {
    ledger.addWork("dep", Ledgers.selfplay().setMaxAttempts(1));
    ledger.addWork("old", Ledgers.selfplay());
    ledger.addWork("waits", Ledgers.selfplay().addDependsOn("dep"));
    List<WorkItem> held = ledger.claim("w", 2).getItemsList();
    ledger.update(held.get(0), UpdateClaim.newBuilder().setFailed(FailWorkRequest.newBuilder()));
    ledger.update(held.get(1), UpdateClaim.newBuilder().setCompleted(""));
    ledger.ledgerMillis += 80_000_000;
    maintain();
    ledger.ledgerMillis += 80_000_000;
    maintain();
    assertThat(ledger.state.work().get("old")).isNull();
    assertThat(item("dep").getState()).isEqualTo(WorkState.WORK_STATE_FAILED);
  }

  @Test
  void aClaimAmongTenThousandItemsLooksAtHeadsOnly() {
    for (int i = 0; i < 10_000; i++) {
      ledger.addWork("w" + i, Ledgers.selfplay().setPriority(i % 101));
    }
    long before = ledger.state.work().ready().looks();
    for (int i = 0; i < 100; i++) {
      claimOne("w");
    }
    assertThat(ledger.state.work().ready().looks() - before).isLessThanOrEqualTo(100);
  }
}
