package io.ringrift.node.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringrift.training.v1.Model;
import io.ringrift.training.v1.Promotion;
import io.ringrift.training.v1.TrainingRun;
import io.ringrift.training.v1.TrainingState;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// The learning demo's judgement of runs and promotions, by what it was shown before and after
/// nodes were killed.
final class LearnWitnessTest {
  private final LearnWitness witness = new LearnWitness();
  private final List<TrainingRun> runs = new ArrayList<>();
  private final List<Model> models = new ArrayList<>();
  private final List<Promotion> promotions = new ArrayList<>();

  /// Two runs that are complete, whose models took office one behind the other, and a third run.
  @BeforeEach
  void seeAStory() {
    for (int number = 1; number <= 2; number++) {
      runs.addFirst(run(number, TrainingState.TRAINING_STATE_COMPLETE));
      models.addFirst(model(number));
      promotions.addFirst(promotion(number));
    }
    runs.addFirst(run(3, TrainingState.TRAINING_STATE_RUNNING));
    see();
    assertThat(witness.problems()).isEmpty();
  }

  private static TrainingRun run(int number, TrainingState state) {
    var run =
        TrainingRun.newBuilder()
            .setTrainingId("t" + number)
            .setDataDigest("games" + number)
            .setState(state);
    return state == TrainingState.TRAINING_STATE_COMPLETE
        ? run.setModelId("m" + number).build()
        : run.build();
  }

  private static Model model(int number) {
    return Model.newBuilder().setModelId("m" + number).setTrainingId("t" + number).build();
  }

  private static Promotion promotion(int number) {
    return Promotion.newBuilder()
        .setModelId("m" + number)
        .setPreviousModelId(number == 1 ? "" : "m" + (number - 1))
        .setGateId("g" + number)
        .setSequence(10L * number)
        .build();
  }

  private void see() {
    witness.see(List.copyOf(runs), List.copyOf(models), List.copyOf(promotions));
  }

  private void assertProblem(String text) {
    see();
    assertThat(witness.problems()).anySatisfy(problem -> assertThat(problem).contains(text));
  }

  @Test
  void aStoryThatGoesOnHasNoProblem() {
    runs.set(0, run(3, TrainingState.TRAINING_STATE_COMPLETE));
    models.addFirst(model(3));
    see();
    promotions.addFirst(promotion(3));
    runs.addFirst(run(4, TrainingState.TRAINING_STATE_RUNNING));
    see();
    assertThat(witness.problems()).isEmpty();
  }

  @Test
  void aRunThatIsLostIsAProblemEvenWhenItComesBack() {
    TrainingRun lost = runs.removeLast();
    see();
    runs.addLast(lost);
    assertProblem("training run t1 was there and is lost");
  }

  @Test
  void aRunUnderWayThatIsLostIsAProblem() {
    runs.removeFirst();
    assertProblem("training run t3 was there and is lost");
  }

  @Test
  void aRunThatFailedMayBeForgotten() {
    runs.set(0, run(3, TrainingState.TRAINING_STATE_FAILED));
    see();
    runs.removeFirst();
    see();
    assertThat(witness.problems()).isEmpty();
  }

  @Test
  void aRunThatIsThereTwiceIsAProblem() {
    runs.addLast(runs.getLast());
    assertProblem("training run t1 is there twice");
  }

  @Test
  void twoRunsFromTheSameGamesAreAProblemAlsoWhileOneRuns() {
    runs.set(0, runs.getFirst().toBuilder().setDataDigest("games2").build());
    assertProblem("training runs t2 and t3 learn from the same games");
  }

  @Test
  void twoRunsUnderWayAtOnceAreAProblem() {
    runs.addFirst(run(4, TrainingState.TRAINING_STATE_RUNNING));
    assertProblem("training runs t3 and t4 are under way at once");
  }

  @Test
  void aCompleteRunThatBeginsAgainIsAProblem() {
    runs.set(1, run(2, TrainingState.TRAINING_STATE_RUNNING));
    assertProblem("training run t2 was complete and is RUNNING");
  }

  @Test
  void aCompleteRunWhoseModelChangesIsAProblem() {
    runs.set(1, runs.get(1).toBuilder().setModelId("m1").build());
    assertProblem("training run t2 made m2 and now m1");
  }

  @Test
  void twoModelsOfOneRunAreAProblem() {
    models.addFirst(model(7).toBuilder().setTrainingId("t2").build());
    assertProblem("models m2 and m7 are of one training run, t2");
  }

  @Test
  void aModelThatIsLostIsAProblem() {
    models.removeFirst();
    assertProblem("model m2 of training run t2 is lost");
    assertProblem("model m2 was in office and is lost");
  }

  @Test
  void theNewestPromotionThatIsLostIsAProblem() {
    promotions.removeFirst();
    assertProblem("the promotion of m2 (20) is lost");
  }

  @Test
  void aPromotionThatWasLostBeforeAnybodySawItIsAProblem() {
    models.addFirst(model(4));
    promotions.addFirst(promotion(4));
    assertProblem("a promotion is lost: m4 followed \"m3\", and \"m2\" is told");
  }

  @Test
  void aPromotionThatIsThereTwiceIsAProblem() {
    promotions.addFirst(promotions.getFirst());
    assertProblem("promotion 20 is there twice");
  }

  @Test
  void aGateThatPromotesTwiceIsAProblem() {
    promotions.addFirst(promotion(2).toBuilder().setSequence(30).setPreviousModelId("m2").build());
    assertProblem("gate g2 promoted twice");
  }

  @Test
  void aPromotionThatIsAnothersNowIsAProblem() {
    promotions.set(0, promotion(2).toBuilder().setModelId("m1").build());
    assertProblem("promotion 20 was that of m2 and is that of m1");
  }

  @Test
  void whatTheLedgerForgetsAfterManyRunsIsNoProblem() {
    runs.removeFirst();
    IntStream.rangeClosed(3, 200)
        .forEach(
            number -> {
              runs.addFirst(run(number, TrainingState.TRAINING_STATE_COMPLETE));
              models.addFirst(model(number));
              promotions.addFirst(promotion(number));
              for (List<?> kept : List.of(runs, models, promotions)) {
                if (kept.size() > 45) {
                  kept.removeLast();
                }
              }
              see();
            });
    assertThat(witness.problems()).isEmpty();
  }

  @Test
  void problemsAreToldOnceAndBounded() {
    see();
    runs.clear();
    runs.addAll(Collections.nCopies(3, run(9, TrainingState.TRAINING_STATE_RUNNING)));
    see();
    see();
    assertThat(witness.problems()).doesNotHaveDuplicates().hasSizeLessThan(20);
  }
}
