package io.ringrift.managers.state;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.consensus.ledger.LogPosition;
import io.ringrift.state.v1.AddGateResult;
import io.ringrift.state.v1.BeginTraining;
import io.ringrift.state.v1.Command;
import io.ringrift.state.v1.CommandResult;
import io.ringrift.state.v1.EndTraining;
import io.ringrift.state.v1.OpenGate;
import io.ringrift.state.v1.ReadLearningRequest;
import io.ringrift.state.v1.ReadLearningResponse;
import io.ringrift.state.v1.RollBackModel;
import io.ringrift.training.v1.FixedShare;
import io.ringrift.training.v1.Gate;
import io.ringrift.training.v1.GateChunk;
import io.ringrift.training.v1.GatePolicy;
import io.ringrift.training.v1.Model;
import io.ringrift.training.v1.ModelState;
import io.ringrift.training.v1.TrainingFile;
import io.ringrift.training.v1.TrainingRun;
import java.util.function.UnaryOperator;

/// Commands of learning on a replicated state, and what it makes of them.
abstract class LearningLedger {
  static final String CONFIG = "hex5_2p";
  static final GatePolicy FOUR_PAIRS =
      GatePolicy.newBuilder()
          .setFixed(FixedShare.newBuilder().setPairs(4).setLeastShare(0.55))
          .build();

  final ClusterState state = new ClusterState();
  private long index;
  long epoch = 1;

  LearningLedger() {
    open(1);
  }

  void open(long number) {
    epoch = number;
    state.openEpoch(new LogPosition(new Epoch(number), ++index), "n1");
  }

  CommandResult apply(UnaryOperator<Command.Builder> action) {
    var command =
        action.apply(Command.newBuilder().setEpoch(epoch).setLedgerMillis(1000 * index)).build();
    return state.apply(command, new LogPosition(new Epoch(epoch), ++index));
  }

  static String hash(int number) {
    return "%064x".formatted(0x1234567890L * number);
  }

  static TrainingRun.Builder run(String id, int... files) {
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

  CommandResult begin(TrainingRun.Builder run) {
    return apply(c -> c.setBeginTraining(BeginTraining.newBuilder().setRun(run)));
  }

  static Model.Builder model(int number) {
    return Model.newBuilder()
        .setPath("models/hex5_2p/t" + number + ".bin")
        .setSha256("%02d".formatted(number).repeat(32));
  }

  CommandResult complete(String id, int number) {
    return apply(
        c -> c.setEndTraining(EndTraining.newBuilder().setTrainingId(id).setModel(model(number))));
  }

  CommandResult fail(String id) {
    return apply(
        c -> c.setEndTraining(EndTraining.newBuilder().setTrainingId(id).setError("exit 3")));
  }

  static String id(int number) {
    return CONFIG + "-" + "%02d".formatted(number).repeat(6);
  }

  /// A candidate of its own run.
  String candidate(int number) {
    assertDone(begin(run("t" + number, number)));
    assertDone(complete("t" + number, number));
    return id(number);
  }

  CommandResult gate(String gateId, String candidate) {
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

  CommandResult result(String gateId, int chunk, int won, int lost, int broken) {
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
  void promote(String gateId, String candidate) {
    assertDone(gate(gateId, candidate));
    assertDone(result(gateId, 0, 2, 0, 0));
    assertDone(result(gateId, 1, 2, 0, 0));
  }

  ReadLearningResponse read() {
    return state.learning().read(ReadLearningRequest.getDefaultInstance()).build();
  }

  ModelState stateOf(String model) {
    return read().getModelsList().stream()
        .filter(m -> m.getModelId().equals(model))
        .findFirst()
        .orElseThrow()
        .getState();
  }

  String inOffice() {
    var changes = read().getPromotionsList();
    return changes.isEmpty() ? "" : changes.getFirst().getModelId();
  }

  static void assertDone(CommandResult result) {
    assertThat(result.getReason()).as(result.getMessage()).isEmpty();
  }

  static void assertRefused(CommandResult result, Reason reason, String text) {
    assertThat(result.getReason()).isEqualTo(reason.name());
    assertThat(result.getMessage()).contains(text);
  }

  CommandResult rollBack(String expected) {
    return apply(
        c ->
            c.setRollBackModel(
                RollBackModel.newBuilder().setConfigKey(CONFIG).setModelId(expected)));
  }
}
