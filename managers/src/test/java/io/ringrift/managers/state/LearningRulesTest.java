package io.ringrift.managers.state;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringrift.event.v1.Event;
import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.consensus.ledger.LogPosition;
import io.ringrift.state.v1.AddGateResult;
import io.ringrift.state.v1.BeginTraining;
import io.ringrift.state.v1.Command;
import io.ringrift.state.v1.CommandResult;
import io.ringrift.state.v1.EndTraining;
import io.ringrift.state.v1.HoldGate;
import io.ringrift.state.v1.OpenGate;
import io.ringrift.state.v1.PromoteModel;
import io.ringrift.state.v1.ReadLearningRequest;
import io.ringrift.state.v1.ReadLearningResponse;
import io.ringrift.state.v1.RollBackModel;
import io.ringrift.training.v1.FixedShare;
import io.ringrift.training.v1.Gate;
import io.ringrift.training.v1.GateChunk;
import io.ringrift.training.v1.GatePolicy;
import io.ringrift.training.v1.GateState;
import io.ringrift.training.v1.Model;
import io.ringrift.training.v1.ModelState;
import io.ringrift.training.v1.TrainingFile;
import io.ringrift.training.v1.TrainingRun;
import io.ringrift.training.v1.TrainingState;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/// Runs, models, gates and promotions as the replicated state decides them.
class LearningRulesTest {
  private static final String CONFIG = "hex5_2p";
  private static final GatePolicy FOUR_PAIRS =
      GatePolicy.newBuilder()
          .setFixed(FixedShare.newBuilder().setPairs(4).setLeastShare(0.55))
          .build();

  private final ClusterState state = new ClusterState();
  private long index;
  private long epoch = 1;

  LearningRulesTest() {
    open(1);
  }

  private void open(long number) {
    epoch = number;
    state.openEpoch(new LogPosition(new Epoch(number), ++index), "n1");
  }

  private CommandResult apply(UnaryOperator<Command.Builder> action) {
    var command =
        action.apply(Command.newBuilder().setEpoch(epoch).setLedgerMillis(1000 * index)).build();
    return state.apply(command, new LogPosition(new Epoch(epoch), ++index));
  }

  private static String hash(int number) {
    return "%064x".formatted(0x1234567890L * number);
  }

  private static TrainingRun.Builder run(String id, int... files) {
    var run =
        TrainingRun.newBuilder()
            .setTrainingId(id)
            .setConfigKey(CONFIG)
            .setKind("nnue")
            .setWorkload("hex-train")
            .setGames(100)
            .setTotalGames(100);
    for (int file : files) {
      run.addFiles(
          TrainingFile.newBuilder()
              .setPath("selfplay/hex5_2p/g" + file + ".db")
              .setSha256(hash(file)));
    }
    return run;
  }

  private CommandResult begin(TrainingRun.Builder run) {
    return apply(c -> c.setBeginTraining(BeginTraining.newBuilder().setRun(run)));
  }

  private static Model.Builder model(int number) {
    return Model.newBuilder()
        .setPath("models/hex5_2p/t" + number + ".bin")
        .setSha256("%02d".formatted(number).repeat(32));
  }

  private CommandResult complete(String id, int number) {
    return apply(
        c -> c.setEndTraining(EndTraining.newBuilder().setTrainingId(id).setModel(model(number))));
  }

  private CommandResult fail(String id) {
    return apply(
        c -> c.setEndTraining(EndTraining.newBuilder().setTrainingId(id).setError("exit 3")));
  }

  private static String id(int number) {
    return CONFIG + "-" + "%02d".formatted(number).repeat(6);
  }

  /// A candidate of its own run.
  private String candidate(int number) {
    assertDone(begin(run("t" + number, number)));
    assertDone(complete("t" + number, number));
    return id(number);
  }

  private CommandResult gate(String gateId, String candidate) {
    return apply(
        c ->
            c.setOpenGate(
                OpenGate.newBuilder()
                    .setGate(
                        Gate.newBuilder()
                            .setGateId(gateId)
                            .setCandidateId(candidate)
                            .setPolicy(FOUR_PAIRS)
                            .setPairsPerChunk(2))));
  }

  private CommandResult result(String gateId, int chunk, int won, int lost, int broken) {
    return apply(
        c ->
            c.setAddGateResult(
                AddGateResult.newBuilder()
                    .setGateId(gateId)
                    .setChunk(
                        GateChunk.newBuilder()
                            .setChunk(chunk)
                            .setWorkId(gateId + "." + chunk)
                            .setWonPairs(won)
                            .setLostPairs(lost)
                            .setBrokenPairs(broken))));
  }

  /// Puts a candidate into office by its gate.
  private void promote(String gateId, String candidate) {
    assertDone(gate(gateId, candidate));
    assertDone(result(gateId, 0, 2, 0, 0));
    assertDone(result(gateId, 1, 2, 0, 0));
  }

  private ReadLearningResponse read() {
    return state.learning().read(ReadLearningRequest.getDefaultInstance()).build();
  }

  private ModelState stateOf(String model) {
    return read().getModelsList().stream()
        .filter(m -> m.getModelId().equals(model))
        .findFirst()
        .orElseThrow()
        .getState();
  }

  private String inOffice() {
    var changes = read().getPromotionsList();
    return changes.isEmpty() ? "" : changes.getFirst().getModelId();
  }

  private static void assertDone(CommandResult result) {
    assertThat(result.getReason()).as(result.getMessage()).isEmpty();
  }

  private static void assertRefused(CommandResult result, Reason reason, String text) {
    assertThat(result.getReason()).isEqualTo(reason.name());
    assertThat(result.getMessage()).contains(text);
  }

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
    var late = result("g2", 0, 2, 0, 0);
    assertThat(late.getGate().getState()).isEqualTo(GateState.GATE_STATE_OVERTAKEN);
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

  private CommandResult rollBack(String expected) {
    return apply(
        c ->
            c.setRollBackModel(
                RollBackModel.newBuilder().setConfigKey(CONFIG).setModelId(expected)));
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
  void oldRunsAreForgottenButNotTheOneUnderWay() {
    assertDone(begin(run("t0", 0)));
    assertDone(complete("t0", 0));
    for (int i = 1; i <= TrainingActions.MOST_RUNS; i++) {
      assertDone(begin(run("t" + i, i)));
      assertDone(fail("t" + i));
    }
    assertThat(read().getRunsCount()).isEqualTo(TrainingActions.MOST_RUNS);
    assertThat(read().getRunsList()).noneMatch(run -> run.getTrainingId().equals("t0"));
  }
}
