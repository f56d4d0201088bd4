package io.ringrift.managers.training;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringrift.queue.v1.WorkItem;
import io.ringrift.queue.v1.WorkState;
import io.ringrift.training.v1.Gate;
import io.ringrift.training.v1.GateChunk;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// What is done next for an open gate.
class GateStepsTest {
  private static final Gate GATE = Gate.newBuilder().setGateId("g").setPairsPerChunk(2).build();

  private static WorkItem item(int chunk, WorkState state, String output) {
    return WorkItem.newBuilder().setWorkId("g-" + chunk).setState(state).setOutput(output).build();
  }

  private static WorkItem done(int chunk, String outcomes) {
    return item(chunk, WorkState.WORK_STATE_COMPLETED, "{\"outcomes\":\"" + outcomes + "\"}");
  }

  @Test
  void asManyChunksAreHandedOutAsMayWait() {
    assertThat(GateSteps.next(GATE, List.of(), 2))
        .containsExactly(new GateSteps.Step.Submit(0), new GateSteps.Step.Submit(1));
    var one = item(0, WorkState.WORK_STATE_RUNNING, "");
    assertThat(GateSteps.next(GATE, List.of(one), 2)).containsExactly(new GateSteps.Step.Submit(1));
  }

  @Test
  void aResultComesInBeforeMoreIsHandedOut() {
    var steps = GateSteps.next(GATE, List.of(done(0, "abaa")), 1);
    assertThat(steps).hasSize(2);
    assertThat(steps.getFirst())
        .isEqualTo(
            new GateSteps.Step.Add(
                GateChunk.newBuilder()
                    .setChunk(0)
                    .setWorkId("g-0")
                    .setDrawnPairs(1)
                    .setWonPairs(1)
                    .build()));
    assertThat(steps.get(1)).isEqualTo(new GateSteps.Step.Submit(1));
  }

  @Test
  void aChunkThatWasJudgedIsNeitherJudgedNorHandedOutAgain() {
    var judged = GATE.toBuilder().addChunks(GateChunk.newBuilder().setChunk(0)).build();
    assertThat(GateSteps.next(judged, List.of(), 1)).containsExactly(new GateSteps.Step.Submit(1));
  }

  @Test
  void aDeadItemHoldsTheGateAndItsOpeningsAreNotPlayedUnderAnotherName() {
    var dead =
        item(0, WorkState.WORK_STATE_FAILED, "").toBuilder().setError("exit 1, 3 times").build();
    assertThat(GateSteps.next(GATE, List.of(dead), 2))
        .singleElement()
        .isInstanceOfSatisfying(
            GateSteps.Step.Hold.class,
            hold -> assertThat(hold.cause()).contains("g-0").contains("exit 1, 3 times"));
  }

  @Test
  void aResultThatTellsAnotherNumberOfGamesHoldsTheGate() {
    for (String outcomes : List.of("", "ab", "abab" + "ab")) {
      assertThat(GateSteps.next(GATE, List.of(done(0, outcomes)), 1).getFirst())
          .isInstanceOf(GateSteps.Step.Hold.class);
    }
    assertThat(
            GateSteps.next(GATE, List.of(item(0, WorkState.WORK_STATE_COMPLETED, "no JSON {")), 1)
                .getFirst())
        .isInstanceOf(GateSteps.Step.Hold.class);
  }

  @Test
  void aGateWithoutOneOfItsModelsIsHeldAndNobodyPlaysInItsName() {
    var gate = GATE.toBuilder().setCandidateId("new").setBaselineId("old").build();
    assertThat(GateSteps.withoutModel(gate, Set.of("new", "old")::contains)).isEmpty();
    for (String known : List.of("new", "old")) {
      assertThat(GateSteps.withoutModel(gate, known::equals))
          .containsInstanceOf(GateSteps.Step.Hold.class);
    }
    var first = gate.toBuilder().clearBaselineId().build();
    assertThat(GateSteps.withoutModel(first, "new"::equals)).isEmpty();
    assertThat(GateSteps.withoutModel(first, "old"::equals)).isPresent();
  }

  @Test
  void gamesThatBrokeBreakTheirPair() {
    assertThat(PairOutcomes.chunk("aeta", 2).orElseThrow().getBrokenPairs()).isEqualTo(2);
    var drawn = PairOutcomes.chunk("adbd", 2).orElseThrow();
    assertThat(drawn.getMorePairs()).isEqualTo(1);
    assertThat(drawn.getHalfPairs()).isEqualTo(1);
  }
}
