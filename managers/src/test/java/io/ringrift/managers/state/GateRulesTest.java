package io.ringrift.managers.state;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.InvalidProtocolBufferException;
import io.ringrift.kernel.Reason;
import io.ringrift.state.v1.HoldGate;
import io.ringrift.state.v1.OpenGate;
import io.ringrift.state.v1.PromoteModel;
import io.ringrift.training.v1.FixedShare;
import io.ringrift.training.v1.Gate;
import io.ringrift.training.v1.GatePolicy;
import io.ringrift.training.v1.GateState;
import io.ringrift.training.v1.Model;
import io.ringrift.training.v1.ModelState;
import org.junit.jupiter.api.Test;

/// Gates and who is in office, as the replicated state decides it.
class GateRulesTest extends LearningLedger {
  @Test
  void theEntryThatCompletesAGateAlsoPromotes() {
    String first = candidate(1);
    assertDone(gate("g1", first));
    assertDone(result("g1", 0, 2, 0, 0));
    assertThat(inOffice()).isEmpty();
    var last = result("g1", 1, 1, 1, 0);
    assertThat(last.getGate().getState()).isEqualTo(GateState.GATE_STATE_PASSED);
    assertThat(last.getPromotion().getModelId()).isEqualTo(first);
    assertThat(inOffice()).isEqualTo(first);
    assertThat(stateOf(first)).isEqualTo(ModelState.MODEL_STATE_PROMOTED);
  }

  @Test
  void theNextInOfficeRetiresTheOneBefore() {
    promote("g1", candidate(1));
    promote("g2", candidate(2));
    assertThat(inOffice()).isEqualTo(id(2));
    assertThat(stateOf(id(1))).isEqualTo(ModelState.MODEL_STATE_RETIRED);
  }

  @Test
  void aCandidateThatFailsIsArchivedAndTheOneInOfficeStays() {
    promote("g1", candidate(1));
    String second = candidate(2);
    assertDone(gate("g2", second));
    assertDone(result("g2", 0, 0, 2, 0));
    assertThat(result("g2", 1, 1, 1, 0).getGate().getState())
        .isEqualTo(GateState.GATE_STATE_FAILED);
    assertThat(stateOf(second)).isEqualTo(ModelState.MODEL_STATE_ARCHIVED);
    assertThat(inOffice()).isEqualTo(id(1));
    assertRefused(gate("g3", second), Reason.GATE_REFUSED, "archived");
  }

  @Test
  void pairsThatBrokeCountForNobodyAndTooManyHoldTheGate() {
    String first = candidate(1);
    assertDone(gate("g1", first));
    assertDone(result("g1", 0, 0, 0, 2));
    assertDone(result("g1", 1, 2, 0, 0));
    assertDone(result("g1", 2, 1, 0, 1));
    assertThat(inOffice()).isEmpty();
    assertDone(result("g1", 3, 0, 0, 2));
    assertDone(result("g1", 4, 0, 0, 2));
    var held = result("g1", 5, 0, 0, 2);
    assertThat(held.getGate().getState()).isEqualTo(GateState.GATE_STATE_HELD);
    assertThat(inOffice()).isEmpty();
    assertThat(stateOf(first)).isEqualTo(ModelState.MODEL_STATE_CANDIDATE);
    assertDone(gate("g2", first));
  }

  @Test
  void aChunkCountsOnce() {
    assertDone(gate("g1", candidate(1)));
    assertDone(result("g1", 0, 2, 0, 0));
    assertDone(result("g1", 0, 2, 0, 0));
    assertThat(read().getGates(0).getChunksCount()).isEqualTo(1);
    assertRefused(result("g1", 0, 1, 1, 0), Reason.GATE_REFUSED, "counts once");
    assertRefused(result("g1", 1, 3, 0, 0), Reason.INVALID_ARGUMENT, "2 pairs");
    assertRefused(result("g1", 1, 3, -1, 0), Reason.INVALID_ARGUMENT, "0 or greater");
    assertRefused(result("g9", 1, 2, 0, 0), Reason.GATE_NOT_FOUND, "g9");
  }

  @Test
  void aResultOfALeaderOfBeforePromotesNobody() {
    String first = candidate(1);
    assertDone(gate("g1", first));
    assertDone(result("g1", 0, 2, 0, 0));
    open(2);
    epoch = 1;
    assertRefused(result("g1", 1, 2, 0, 0), Reason.STALE_EPOCH, "epoch 2 has begun");
    assertThat(inOffice()).isEmpty();
    epoch = 2;
    assertDone(result("g1", 1, 2, 0, 0));
    assertThat(inOffice()).isEqualTo(first);
  }

  @Test
  void aGateIsOvertakenWhenAnotherTookOfficeMeanwhile() {
    promote("g1", candidate(1));
    String second = candidate(2);
    String third = candidate(3);
    assertDone(gate("g2", second));
    assertRefused(gate("g3", third), Reason.GATE_REFUSED, "one at a time");
    assertDone(apply(c -> c.setPromoteModel(PromoteModel.newBuilder().setModelId(third))));
    assertThat(read().getGates(0).getState()).isEqualTo(GateState.GATE_STATE_OVERTAKEN);
    assertRefused(result("g2", 0, 2, 0, 0), Reason.GATE_REFUSED, "another model took office");
    assertThat(inOffice()).isEqualTo(third);
    assertThat(stateOf(second)).isEqualTo(ModelState.MODEL_STATE_CANDIDATE);
  }

  @Test
  void rollingBackTwiceGoesTwoStepsBack() {
    promote("g1", candidate(1));
    promote("g2", candidate(2));
    promote("g3", candidate(3));
    assertDone(rollBack(id(3)));
    assertThat(inOffice()).isEqualTo(id(2));
    assertThat(stateOf(id(3))).isEqualTo(ModelState.MODEL_STATE_RETIRED);
    assertRefused(rollBack(id(3)), Reason.ILLEGAL_TRANSITION, id(2) + " is in office");
    assertDone(rollBack(""));
    assertThat(inOffice()).isEqualTo(id(1));
    assertDone(rollBack(""));
    assertThat(inOffice()).isEmpty();
    assertRefused(rollBack(""), Reason.ILLEGAL_TRANSITION, "no model of hex5_2p is in office");
  }

  @Test
  void aGateThatCannotBePlayedIsHeldAndTheCandidateStaysOne() {
    String first = candidate(1);
    assertDone(gate("g1", first));
    assertDone(
        apply(c -> c.setHoldGate(HoldGate.newBuilder().setGateId("g1").setCause("dead letter"))));
    assertRefused(result("g1", 0, 2, 0, 0), Reason.GATE_REFUSED, "dead letter");
    assertThat(stateOf(first)).isEqualTo(ModelState.MODEL_STATE_CANDIDATE);
  }

  @Test
  void whoIsInOfficeAndWhoWasBeforeIsNotForgottenForCandidates() {
    promote("g1", candidate(1));
    promote("g2", candidate(2));
    for (int i = 3; i < 3 + ModelTable.MOST_OTHERS + 5; i++) {
      var _ = candidate(i);
    }
    assertThat(read().getModelsList())
        .extracting(Model::getModelId)
        .contains(id(1), id(2))
        .doesNotContain(id(3))
        .hasSize(ModelTable.MOST_OTHERS + 2);
    assertDone(rollBack(""));
    assertThat(inOffice()).isEqualTo(id(1));
  }

  @Test
  void theCandidateOfAnOpenGateIsNotForgottenForOthersAndTakesOffice() {
    String first = candidate(1);
    assertDone(gate("g1", first));
    for (int i = 2; i < 2 + ModelTable.MOST_OTHERS + 5; i++) {
      var _ = candidate(i);
    }
    assertDone(result("g1", 0, 2, 0, 0));
    assertDone(result("g1", 1, 2, 0, 0));
    assertThat(inOffice()).isEqualTo(first);
    assertThat(stateOf(first)).isEqualTo(ModelState.MODEL_STATE_PROMOTED);
    assertThat(read().getModelsList()).hasSize(ModelTable.MOST_OTHERS + 1);
  }

  @Test
  void theParentOfARunUnderWayIsNotForgotten() {
    String first = candidate(1);
    assertDone(begin(run("t0", 99).setKind("cmaes").setParentModelId(first)));
    for (int i = 2; i < 2 + ModelTable.MOST_OTHERS + 5; i++) {
      var _ = candidate(i);
    }
    assertThat(read().getModelsList()).extracting(Model::getModelId).contains(first);
    assertDone(fail("t0"));
    var _ = candidate(2 + ModelTable.MOST_OTHERS + 5);
    assertThat(read().getModelsList()).extracting(Model::getModelId).doesNotContain(first);
  }

  @Test
  void aModelThatIsForgottenDoesNotTakeOffice() throws InvalidProtocolBufferException {
    state.load(
        Family.GATES,
        Gate.newBuilder()
            .setGateId("g1")
            .setConfigKey(CONFIG)
            .setCandidateId(id(1))
            .setPolicy(FOUR_PAIRS)
            .setPairsPerChunk(4)
            .setState(GateState.GATE_STATE_OPEN)
            .build()
            .toByteString());
    var held = result("g1", 0, 4, 0, 0);
    assertThat(held.getGate().getState()).isEqualTo(GateState.GATE_STATE_HELD);
    assertThat(held.getGate().getVerdict()).contains(id(1) + " is forgotten");
    assertThat(read().getPromotionsList()).isEmpty();
  }

  @Test
  void brokenPairsMayNotCarryAPass() {
    String first = candidate(1);
    assertDone(gate("g1", first));
    assertDone(result("g1", 0, 1, 0, 1));
    assertDone(result("g1", 1, 1, 0, 1));
    assertDone(result("g1", 2, 1, 0, 1));
    var held = result("g1", 3, 1, 0, 1);
    assertThat(held.getGate().getState()).isEqualTo(GateState.GATE_STATE_HELD);
    assertThat(held.getGate().getVerdict()).contains("not with the pairs that broke as lost, 4");
    assertThat(inOffice()).isEmpty();
    assertThat(stateOf(first)).isEqualTo(ModelState.MODEL_STATE_CANDIDATE);
  }

  @Test
  void aFewBrokenPairsDoNotKeepAGoodCandidateFromOffice() {
    String first = candidate(1);
    assertDone(gate("g1", first));
    assertDone(result("g1", 0, 2, 0, 0));
    assertDone(result("g1", 1, 1, 0, 1));
    assertDone(result("g1", 2, 1, 0, 1));
    assertThat(inOffice()).isEqualTo(first);
  }

  @Test
  void rollingBackAfterAPromotionByHandDoesNotGoRoundInCircles() {
    promote("g1", candidate(1));
    promote("g2", candidate(2));
    assertDone(apply(c -> c.setPromoteModel(PromoteModel.newBuilder().setModelId(id(1)))));
    assertDone(rollBack(""));
    assertThat(inOffice()).isEqualTo(id(2));
    assertDone(rollBack(""));
    assertThat(inOffice()).isEqualTo(id(1));
    assertDone(rollBack(""));
    assertThat(inOffice()).isEmpty();
  }

  @Test
  void aGateOfBeforeIsNotRevivedByARollbackToItsBaseline() {
    promote("g1", candidate(1));
    String second = candidate(2);
    assertDone(gate("g2", second));
    assertDone(apply(c -> c.setPromoteModel(PromoteModel.newBuilder().setModelId(second))));
    assertDone(rollBack(""));
    assertThat(inOffice()).isEqualTo(id(1));
    assertRefused(result("g2", 0, 2, 0, 0), Reason.GATE_REFUSED, "took office meanwhile");
  }

  @Test
  void aGateThatCannotComeToItsEndIsRefused() {
    String first = candidate(1);
    var policy =
        GatePolicy.newBuilder().setFixed(FixedShare.newBuilder().setPairs(5000).setLeastShare(0.5));
    var opened =
        apply(
            c ->
                c.setOpenGate(
                    OpenGate.newBuilder()
                        .setGate(
                            Gate.newBuilder()
                                .setGateId("g1")
                                .setCandidateId(first)
                                .setPolicy(policy)
                                .setPairsPerChunk(2))));
    assertRefused(opened, Reason.INVALID_ARGUMENT, "at least 5 for a rule of so many pairs");
  }
}
