package io.ringrift.managers.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.managers.training.TrainingConfig;
import io.ringrift.queue.v1.FailWorkRequest;
import io.ringrift.queue.v1.WorkItem;
import io.ringrift.rating.v1.GetLadderRequest;
import io.ringrift.rating.v1.RatingServiceGrpc;
import io.ringrift.rating.v1.Rung;
import io.ringrift.state.v1.ApplyCommandRequest;
import io.ringrift.state.v1.Command;
import io.ringrift.state.v1.HoldGate;
import io.ringrift.state.v1.StateServiceGrpc;
import io.ringrift.training.v1.DispatchTrainingRequest;
import io.ringrift.training.v1.ExplainTrainingRequest;
import io.ringrift.training.v1.GateState;
import io.ringrift.training.v1.ListGatesRequest;
import io.ringrift.training.v1.Model;
import io.ringrift.training.v1.ModelState;
import io.ringrift.training.v1.TrainingState;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What a cluster makes of games.
class LearningOverStateTest extends LearningBed {
  @Test
  void gamesBecomeAModelInOfficeThatIsRated() throws InterruptedException {
    train(1);
    assertThat(all()).extracting(Model::getModelId).containsExactly(id(1));
    assertThat(all().getFirst().getMetricsMap()).containsEntry("loss", "1.5");
    judge("aaaa");
    assertThat(all().getFirst().getState()).isEqualTo(ModelState.MODEL_STATE_PROMOTED);
    assertThat(Objects.requireNonNull(coordinator).modelInOffice(CONFIG))
        .hasValueSatisfying(file -> assertThat(file.getPath()).isEqualTo("models/hex5_2p/m1.bin"));
    round("rating_games");
    for (WorkItem item : claimAll("gauntlet")) {
      complete(item, "{\"outcomes\":\"aaab\"}");
    }
    round("rating_games");
    round("rating_games");
    var ladder =
        RatingServiceGrpc.newBlockingStub(channel)
            .getLadder(GetLadderRequest.newBuilder().setConfigKey(CONFIG).build());
    assertThat(ladder.getMatches()).isEqualTo(4);
    assertThat(ladder.getRungsList())
        .extracting(Rung::getParticipant)
        .containsExactly(id(1), "untrained");
    assertThat(ladder.getRungs(0).getWins()).isEqualTo(3);
  }

  @Test
  void theItemOfARunNamesTheRunsFilesAndTheParentAndNothingElse() throws InterruptedException {
    train(1);
    judge("aaaa");
    play(2, 100);
    round("training");
    round("training");
    var item = claimAll("training").getFirst();
    assertThat(item.getWorkId()).isEqualTo(runs().getFirst().getTrainingId());
    assertThat(item.getSpec().getJob().getInputsList())
        .extracting(input -> input.getPath())
        .containsExactlyInAnyOrder(
            "selfplay/hex5_2p/g1.db", "selfplay/hex5_2p/g2.db", "models/hex5_2p/m1.bin");
    assertThat(item.getSpec().getJob().getParamsMap())
        .containsEntry("parent", "models/hex5_2p/m1.bin");
  }

  @Test
  void aTriggerThatComesTwiceBeginsOneRun() throws InterruptedException {
    play(1, 100);
    for (int i = 0; i < 5; i++) {
      round("training");
    }
    assertThat(runs()).hasSize(1);
    assertThat(claimAll("training")).hasSize(1);
    assertThatThrownBy(
            () ->
                training()
                    .dispatchTraining(
                        DispatchTrainingRequest.newBuilder().setConfigKey(CONFIG).build()))
        .satisfies(e -> assertThat(reasonOf(e)).isEqualTo(Reason.TRAINING_REFUSED));
  }

  @Test
  void twoLeadersThatSeeTheSameGamesBeginOneRun() throws InterruptedException {
    play(1, 100);
    round("training");
    var next = another();
    consensus.lead(2);
    assertThatThrownBy(() -> round("training")).hasMessageContaining("order of epoch 1 refused");
    round(next, "training", 2);
    round(next, "training", 2);
    assertThat(runs()).hasSize(1);
    assertThat(claimAll("training")).hasSize(1);
  }

  @Test
  void aLeaderOfBeforeBeginsNothing() throws InterruptedException {
    play(1, 100);
    consensus.lead(2);
    round(another(), "validation", 2);
    assertThatThrownBy(() -> round("training"))
        .isInstanceOf(Refusal.class)
        .satisfies(e -> assertThat(((Refusal) e).reason()).isEqualTo(Reason.STALE_EPOCH));
    assertThat(runs()).isEmpty();
  }

  @Test
  void tooFewGamesBeginNothingAndExplainSaysWhy() throws InterruptedException {
    play(1, 99);
    round("training");
    assertThat(runs()).isEmpty();
    var readiness =
        training().explainTraining(ExplainTrainingRequest.getDefaultInstance()).getReadiness(0);
    assertThat(readiness.getReady()).isFalse();
    assertThat(readiness.getTermsList())
        .filteredOn(term -> !term.getMet())
        .singleElement()
        .satisfies(
            term -> {
              assertThat(term.getName()).isEqualTo("min_games");
              assertThat(term.getActual()).isEqualTo("99");
              assertThat(term.getWanted()).isEqualTo("at least 100");
            });
  }

  @Test
  void aTrainerThatGivesUpMakesAFailedRunAndNoModel() throws InterruptedException {
    play(1, 100);
    round("training");
    round("training");
    for (int attempt = 0; attempt < 3; attempt++) {
      var item = claimAll("training").getFirst();
      var _ =
          queue()
              .failWork(
                  FailWorkRequest.newBuilder()
                      .setClaim(claim(item))
                      .setError("exit code 3: a loss was not finite")
                      .build());
    }
    round("training");
    assertThat(runs().getFirst().getState()).isEqualTo(TrainingState.TRAINING_STATE_FAILED);
    assertThat(runs().getFirst().getError()).contains("not finite");
    assertThat(all()).isEmpty();
  }

  @Test
  void healthGoesByTheLastRunsOfThisOfficeAndAFewAreNoRate() throws InterruptedException {
    var learning = Objects.requireNonNull(coordinator);
    for (int run = 1; run <= 10; run++) {
      assertThat(learning.health().healthy()).isTrue();
      play(run, 100);
      round("training");
      round("training");
      complete(claimAll("training").getFirst(), "{}");
      round("training");
    }
    assertThat(learning.health().healthy()).isFalse();
    assertThat(learning.health().details())
        .containsEntry("failed_jobs", "9")
        .containsEntry("running_jobs", "1")
        .containsEntry("total_jobs", "10");
    consensus.follow("n2", 2);
    assertThat(learning.health().healthy()).isTrue();
    consensus.lead(3);
    round(learning, "training", 3);
    assertThat(learning.health().healthy()).isTrue();
  }

  /// A commit may look like a number: a text is none.
  @ParameterizedTest
  @CsvSource({
    "policy_loss,'\"NaN\"',policy_loss = NaN",
    "policy_loss,'\"-inf\"',policy_loss = -inf",
    "loss,1e999,loss = 1e999",
    "commit,'\"9e123456\"',''"
  })
  void aFigureThatIsNoNumberMakesAFailedRun(String field, String value, String error)
      throws InterruptedException {
    play(1, 100);
    round("training");
    round("training");
    String told = "\"epoch_loss\":1.5,\"%s\":%s".formatted(field, value);
    complete(claimAll("training").getFirst(), trained(1).replace("\"loss\":1.5", told));
    round("training");
    assertThat(runs().getFirst().getError()).contains(error);
    assertThat(all()).hasSize(error.isEmpty() ? 1 : 0);
  }

  /// What Python prints of a NaN is no JSON, and a worker passes on what is.
  @Test
  void aLastLineThatIsNoJsonIsSaidToBeNone() throws InterruptedException {
    play(1, 100);
    round("training");
    round("training");
    complete(claimAll("training").getFirst(), "");
    round("training");
    assertThat(runs().getFirst().getError()).contains("no JSON object", "bare NaN");
  }

  @Test
  void aSubmitThatIsTakenLateFailsNoRun() throws InterruptedException {
    play(1, 100);
    round("training");
    ledger.refuses =
        command -> {
          ledger.refuses = _ -> Optional.empty();
          // the submit of a round before, which nobody had an answer to
          var _ = ledger.propose(new Epoch(1), command);
          return Optional.empty();
        };
    round("training");
    assertThat(runs().getFirst().getState()).isEqualTo(TrainingState.TRAINING_STATE_RUNNING);
    assertThat(claimAll("training")).hasSize(1);
  }

  @Test
  void aRunUnderWayIsBroughtInThoughNothingIsToBeTrainedAnyLonger() throws InterruptedException {
    play(1, 100);
    round("training");
    round("training");
    var usual = config;
    config =
        new TrainingConfig(
            List.of(), usual.trainer(), usual.thresholds(), usual.gate(), usual.interval());
    complete(claimAll("training").getFirst(), trained(1));
    round("training");
    assertThat(all()).extracting(Model::getModelId).containsExactly(id(1));
  }

  @Test
  void chunksThatALeaderOfBeforeLeftBehindAreCancelled() throws InterruptedException {
    train(1);
    round("validation");
    round("validation");
    var gate = models().listGates(ListGatesRequest.getDefaultInstance()).getGates(0).getGate();
    var _ =
        StateServiceGrpc.newBlockingStub(channel)
            .applyCommand(
                ApplyCommandRequest.newBuilder()
                    .setCommand(
                        Command.newBuilder()
                            .setHoldGate(
                                HoldGate.newBuilder().setGateId(gate.getGateId()).setCause("x")))
                    .build());
    round(another(), "validation", 1);
    assertThat(claimAll("gauntlet")).isEmpty();
  }

  @Test
  void whenNoNodeIsBigEnoughToTrainHealthNamesTheSetting() throws InterruptedException {
    var small = SelfplayBed.node("small", "ALIVE", 4).toBuilder();
    small.getFactsBuilder().addCapabilities("training");
    nodes = List.of(small.build());
    round("training");
    assertThat(Objects.requireNonNull(coordinator).health().message())
        .contains("training.min_memory_gb");
    var big = SelfplayBed.node("big", "ALIVE", 16).toBuilder();
    big.getFactsBuilder().addCapabilities("training");
    nodes = List.of(big.build(), small.build());
    round("training");
    assertThat(coordinator.health().message()).isEqualTo("operational");
  }

  @Test
  void aTrainerThatNamesNoModelMakesAFailedRun() throws InterruptedException {
    play(1, 100);
    round("training");
    round("training");
    complete(claimAll("training").getFirst(), "{\"loss\":1}");
    round("training");
    assertThat(runs().getFirst().getError()).contains("named no model");
    play(2, 100);
    round("training");
    round("training");
    complete(claimAll("training").getFirst(), "{\"model\":\"/etc/passwd\",\"sha256\":\"x\"}");
    round("training");
    assertThat(runs().getFirst().getError()).contains("model.path");
    assertThat(all()).isEmpty();
  }

  @Test
  void aGauntletThatDiesHoldsTheGateAndPromotesNobody() throws InterruptedException {
    train(1);
    round("validation");
    round("validation");
    for (int attempt = 0; attempt < 3; attempt++) {
      for (WorkItem item : claimAll("gauntlet")) {
        var _ =
            queue()
                .failWork(
                    FailWorkRequest.newBuilder().setClaim(claim(item)).setError("killed").build());
      }
    }
    round("validation");
    round("validation");
    var gates = models().listGates(ListGatesRequest.getDefaultInstance()).getGatesList();
    assertThat(gates).hasSize(1);
    assertThat(gates.getFirst().getGate().getState()).isEqualTo(GateState.GATE_STATE_HELD);
    assertThat(all().getFirst().getState()).isEqualTo(ModelState.MODEL_STATE_CANDIDATE);
  }

  @Test
  void eachChunkHasOpeningsOfItsOwn() throws InterruptedException {
    train(1);
    round("validation");
    round("validation");
    assertThat(claimAll("gauntlet"))
        .extracting(item -> item.getSpec().getJob().getParamsMap().get("skip_openings"))
        .containsExactlyInAnyOrder("0", "2");
  }

  @Test
  void gamesThatNobodyWaitsForAreCancelledWithTheGate() throws InterruptedException {
    train(1);
    round("validation");
    round("validation");
    var chunks = claimAll("gauntlet");
    for (WorkItem item : chunks) {
      complete(item, "{\"outcomes\":\"aaaa\"}");
    }
    round("validation");
    assertThat(claimAll("gauntlet")).isEmpty();
  }

  @Test
  void aThresholdThatIsChangedCountsFromTheNextRoundOn() throws InterruptedException {
    play(1, 60);
    round("training");
    assertThat(runs()).isEmpty();
    config = config(60, 2);
    round("training");
    assertThat(runs()).hasSize(1);
  }

  @Test
  void anOpenGateKeepsTheLengthOfItsOpeningsWhateverIsConfiguredMeanwhile()
      throws InterruptedException {
    train(1);
    round("validation");
    round("validation");
    var first = claimAll("gauntlet");
    config = config(100, 50);
    complete(first.getFirst(), "{\"outcomes\":\"aabb\"}");
    round("validation");
    var later = claimAll("gauntlet");
    assertThat(later).isNotEmpty();
    assertThat(later)
        .extracting(LearningOverStateTest::openings)
        .containsOnly(openings(first.get(0)));
  }

  private static String openings(WorkItem item) {
    return item.getSpec().getJob().getParamsOrThrow("openings_total");
  }
}
