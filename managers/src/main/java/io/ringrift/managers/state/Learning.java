package io.ringrift.managers.state;

import io.ringrift.kernel.Pure;
import io.ringrift.state.v1.Command;
import io.ringrift.state.v1.ReadLearningRequest;
import io.ringrift.state.v1.ReadLearningResponse;
import io.ringrift.training.v1.Gate;
import io.ringrift.training.v1.Model;
import io.ringrift.training.v1.Promotion;
import io.ringrift.training.v1.TrainingRun;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;

/// What the state knows of learning: runs, the models that came of them, the gates that judge them
/// and who is in office.
@Pure
final class Learning {
  private final OrderedTable<TrainingRun> runs;
  private final OrderedTable<Gate> gates;
  private final ModelTable models;
  private final TrainingActions trainingActions;
  private final ModelActions modelActions;
  private final GateActions gateActions;

  Learning(Changes changes, StateClock clock, EventRing events) {
    this.runs =
        new OrderedTable<>(
            changes, Family.TRAININGS, TrainingRun::getTrainingId, TrainingRun::getSequence);
    this.gates = new OrderedTable<>(changes, Family.GATES, Gate::getGateId, Gate::getSequence);
    this.models = new ModelTable(changes, clock, () -> inUse(runs, gates));
    this.trainingActions = new TrainingActions(runs, models, clock, events);
    this.modelActions = new ModelActions(models, gates, clock, events);
    this.gateActions = new GateActions(gates, models, modelActions, clock, events);
  }

  /// Models that an open gate or a run under way names.
  private static Set<String> inUse(OrderedTable<TrainingRun> runs, OrderedTable<Gate> gates) {
    var ids = new HashSet<String>();
    gates.newestFirst().stream()
        .filter(gate -> !GateActions.ended(gate))
        .forEach(gate -> ids.addAll(List.of(gate.getCandidateId(), gate.getBaselineId())));
    runs.newestFirst().stream()
        .filter(run -> !TrainingActions.ended(run))
        .forEach(run -> ids.add(run.getParentModelId()));
    return ids;
  }

  /// Whether an open run or gate has still to hear how this work item ended: the item of a run has
  /// its id, those of a gate are named by the gate's id, a dash and the chunk.
  boolean awaits(String workId) {
    TrainingRun run = runs.get(workId);
    if (run != null && !TrainingActions.ended(run)) {
      return true;
    }
    int dash = workId.lastIndexOf('-');
    Gate gate = dash < 0 ? null : gates.get(workId.substring(0, dash));
    return gate != null
        && !GateActions.ended(gate)
        && gate.getChunksList().stream().noneMatch(chunk -> chunk.getWorkId().equals(workId));
  }

  void load(TrainingRun run) {
    runs.load(run);
  }

  void load(Gate gate) {
    gates.load(gate);
  }

  void load(Model model) {
    models.load(model);
  }

  void load(Promotion promotion) {
    models.load(promotion);
  }

  /// Decides a command of learning.
  ///
  /// @throws IllegalArgumentException for any other
  Decision decide(Command command) {
    long epoch = command.getEpoch();
    return switch (command.getActionCase()) {
      case BEGIN_TRAINING -> trainingActions.begin(command.getBeginTraining(), epoch);
      case END_TRAINING -> trainingActions.end(command.getEndTraining());
      case OPEN_GATE -> gateActions.open(command.getOpenGate(), epoch);
      case ADD_GATE_RESULT ->
          gateActions.add(
              command.getAddGateResult().getGateId(), command.getAddGateResult().getChunk(), epoch);
      case HOLD_GATE ->
          gateActions.hold(command.getHoldGate().getGateId(), command.getHoldGate().getCause());
      case PROMOTE_MODEL -> modelActions.promote(command.getPromoteModel().getModelId(), epoch);
      case ROLL_BACK_MODEL -> modelActions.rollBack(command.getRollBackModel(), epoch);
      default -> throw new IllegalArgumentException(command.getActionCase().name());
    };
  }

  /// What is asked for, newest first.
  ReadLearningResponse.Builder read(ReadLearningRequest request) {
    if (request.getOfficeOnly()) {
      return office(request.getConfigKey());
    }
    int limit = request.getLimit() <= 0 ? Integer.MAX_VALUE : request.getLimit();
    var answer = ReadLearningResponse.newBuilder();
    newest(runs.newestFirst(), TrainingRun::getConfigKey, request, limit)
        .map(run -> request.getWithFiles() ? run : run.toBuilder().clearFiles().build())
        .forEach(answer::addRuns);
    newest(models.newestFirst(), Model::getConfigKey, request, limit).forEach(answer::addModels);
    newest(gates.newestFirst(), Gate::getConfigKey, request, limit).forEach(answer::addGates);
    if (request.getWithProgress()) {
      answer.getGatesList().forEach(gate -> answer.addProgress(GatePolicies.progress(gate)));
    }
    newest(models.promotionsNewestFirst(), Promotion::getConfigKey, request, limit)
        .forEach(answer::addPromotions);
    return answer;
  }

  private ReadLearningResponse.Builder office(String config) {
    var answer = ReadLearningResponse.newBuilder();
    var seen = new HashSet<String>();
    for (Promotion change : models.promotionsNewestFirst()) {
      if ((config.isEmpty() || config.equals(change.getConfigKey()))
          && seen.add(change.getConfigKey())) {
        answer.addPromotions(change);
        Optional.ofNullable(models.get(change.getModelId())).ifPresent(answer::addModels);
      }
    }
    return answer;
  }

  private static <T> Stream<T> newest(
      Collection<T> all, Function<T, String> config, ReadLearningRequest request, int limit) {
    String wanted = request.getConfigKey();
    return all.stream()
        .filter(one -> wanted.isEmpty() || wanted.equals(config.apply(one)))
        .limit(limit);
  }
}
