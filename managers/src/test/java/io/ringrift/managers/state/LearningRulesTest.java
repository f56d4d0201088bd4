package io.ringrift.managers.state;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringrift.event.v1.Event;
import io.ringrift.kernel.Reason;
import io.ringrift.queue.v1.WorkSpec;
import io.ringrift.state.v1.AddGateResult;
import io.ringrift.state.v1.AddWork;
import io.ringrift.state.v1.CancelWork;
import io.ringrift.state.v1.HoldGate;
import io.ringrift.state.v1.MaintainQueue;
import io.ringrift.training.v1.GateChunk;
import io.ringrift.training.v1.ModelState;
import io.ringrift.training.v1.TrainingFile;
import io.ringrift.training.v1.TrainingRun;
import io.ringrift.training.v1.TrainingState;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// Training runs as the replicated state decides them.
class LearningRulesTest extends LearningLedger {
  @Test
  void oneRunOfAConfigurationAtATimeAndNoneFromGamesThatWereLearnedFrom() {
    assertDone(begin(run("t1", 1, 2)));
    assertRefused(begin(run("t2", 3)), Reason.TRAINING_REFUSED, "t1 of hex5_2p is under way");
    assertDone(complete("t1", 1));
    assertRefused(
        begin(run("t2", 2, 1)), Reason.TRAINING_REFUSED, "learned from the same games already");
    assertDone(begin(run("t2", 1, 2, 3)));
    assertThat(read().getRunsList())
        .extracting(TrainingRun::getTrainingId)
        .containsExactly("t2", "t1");
  }

  @Test
  void theSameGamesMayBeTriedAgainAfterAFailure() {
    assertDone(begin(run("t1", 1)));
    assertDone(fail("t1"));
    assertDone(begin(run("t2", 1)));
  }

  @Test
  void aRunOfOneConfigurationHoldsUpNoOther() {
    assertDone(begin(run("t1", 1)));
    assertDone(begin(run("t2", 1).setConfigKey("hex8_2p")));
    assertDone(fail("t1"));
    assertRefused(
        begin(run("t3", 2).setConfigKey("hex8_2p")), Reason.TRAINING_REFUSED, "t2 of hex8_2p");
  }

  @Test
  void aRunEndsOnceAndItsModelIsACandidate() {
    assertDone(begin(run("t1", 1)));
    assertDone(complete("t1", 1));
    long before = state.events().size();
    assertDone(complete("t1", 1));
    assertThat(state.events().size()).isEqualTo(before);
    assertRefused(fail("t1"), Reason.ILLEGAL_TRANSITION, "ended already");
    assertRefused(complete("t1", 2), Reason.ILLEGAL_TRANSITION, "ended already");
    assertRefused(complete("t9", 2), Reason.TRAINING_NOT_FOUND, "t9");
    assertThat(read().getModelsList()).hasSize(1);
    assertThat(stateOf(id(1))).isEqualTo(ModelState.MODEL_STATE_CANDIDATE);
    assertThat(read().getRuns(0).getState()).isEqualTo(TrainingState.TRAINING_STATE_COMPLETE);
  }

  @Test
  void aRunThatNamesNoFilesOrBadOnesIsRefusedByField() {
    assertRefused(begin(run("t1")), Reason.INVALID_ARGUMENT, "run.files");
    assertRefused(begin(run("t 1", 1)), Reason.INVALID_ARGUMENT, "run.training_id");
    assertRefused(begin(run("t1", 1).setKind("svm")), Reason.INVALID_ARGUMENT, "nnue or cmaes");
    assertRefused(
        begin(run("t1", 1).setFiles(0, TrainingFile.newBuilder().setPath("../x"))),
        Reason.INVALID_ARGUMENT,
        "run.files[0].path");
    assertRefused(
        begin(run("t1", 1).setParentModelId("hex5_2p-none")), Reason.MODEL_NOT_FOUND, "none");
  }

  @Test
  void everyChangeIsAnEvent() {
    promote("g1", candidate(1));
    assertThat(state.events().after(new EventRing.Place(0, 0), 100))
        .extracting(Event::getKind)
        .containsSubsequence(
            List.of(
                "TRAINING_STARTED",
                "TRAINING_COMPLETED",
                "GATE_OPENED",
                "EVALUATION_COMPLETED",
                "MODEL_PROMOTED"));
  }

  @Test
  void anEvaluationTellsTheDifferenceInEloAndAFailedPromotionWhy() {
    String first = candidate(1);
    assertDone(gate("g1", first));
    assertDone(result("g1", 0, 0, 2, 0));
    assertDone(result("g1", 1, 1, 1, 0));
    assertThat(last("EVALUATION_COMPLETED")).containsEntry("elo", "-191");
    assertThat(last("PROMOTION_FAILED"))
        .containsEntry("reason", "25.0 % of 4 pairs, 55.0 % needed");
    promote("g2", candidate(2));
    assertThat(last("EVALUATION_COMPLETED")).containsEntry("elo", "470");
  }

  private Map<String, String> last(String kind) {
    return state.events().after(new EventRing.Place(0, 0), 100).stream()
        .filter(event -> event.getKind().equals(kind))
        .reduce((_, later) -> later)
        .orElseThrow()
        .getAttributesMap();
  }

  @Test
  void howTheItemOfAnOpenRunOrGateEndedIsNotForgottenBeforeItIsBroughtIn() {
    assertDone(begin(run("t1", 1)));
    end("t1");
    end("other");
    forgetAll();
    assertThat(state.work().get("t1")).isNotNull();
    assertThat(state.work().get("other")).isNull();
    assertDone(complete("t1", 1));
    forgetAll();
    assertThat(state.work().get("t1")).isNull();
    assertDone(gate("g1", id(1)));
    end("g1-0");
    end("g1-1");
    assertDone(
        apply(
            c ->
                c.setAddGateResult(
                    AddGateResult.newBuilder()
                        .setGateId("g1")
                        .setChunk(
                            GateChunk.newBuilder().setChunk(0).setWorkId("g1-0").setWonPairs(2)))));
    forgetAll();
    assertThat(state.work().get("g1-0")).isNull();
    assertThat(state.work().get("g1-1")).isNotNull();
    assertDone(apply(c -> c.setHoldGate(HoldGate.newBuilder().setGateId("g1").setCause("enough"))));
    forgetAll();
    assertThat(state.work().get("g1-1")).isNull();
  }

  @Test
  void anItemThatIsAwaitedOutlivesAsManyOthersAsAreKept() {
    assertDone(begin(run("t1", 1)));
    end("t1");
    for (int i = 0; i <= WorkTable.MOST_ENDED; i++) {
      end("i" + i);
    }
    assertThat(state.work().get("t1")).isNotNull();
    assertThat(state.work().get("i0")).isNull();
    assertThat(state.work().get("i" + WorkTable.MOST_ENDED)).isNotNull();
  }

  /// An item that is there and cancelled.
  private void end(String workId) {
    assertDone(
        apply(
            c ->
                c.setAddWork(
                    AddWork.newBuilder()
                        .addWorkIds(workId)
                        .addItems(WorkSpec.newBuilder().setWorkType("training")))));
    assertDone(apply(c -> c.setCancelWork(CancelWork.newBuilder().setWorkId(workId))));
  }

  /// All that ended before this command.
  private void forgetAll() {
    assertDone(apply(c -> c.setMaintainQueue(MaintainQueue.newBuilder().setKeepEndedMillis(1))));
  }

  @Test
  void aConfigurationThatFailsAgainAndAgainCostsNoSuccess() {
    assertDone(begin(run("t0", 0)));
    assertDone(complete("t0", 1));
    assertDone(begin(run("other", 0).setConfigKey("hex8_2p")));
    assertDone(complete("other", 2));
    for (int i = 1; i <= TrainingActions.MOST_FAILED + 5; i++) {
      assertDone(begin(run("t" + i, i)));
      assertDone(fail("t" + i));
    }
    assertDone(begin(run("last", 99)));
    assertThat(read().getRunsList())
        .extracting(TrainingRun::getTrainingId)
        .contains("t0", "other", "last")
        .doesNotContain("t1")
        .hasSize(TrainingActions.MOST_FAILED + 3);
  }

  @Test
  void moreConfigurationsThanFitAreRefused() {
    for (int i = 0; i < TrainingActions.MOST_CONFIGS; i++) {
      assertDone(begin(run("t" + i, i).setConfigKey("b" + i + "_2p")));
    }
    assertRefused(begin(run("more", 99)), Reason.TRAINING_REFUSED, "no more fit");
  }
}
