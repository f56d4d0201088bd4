package io.ringrift.managers.training;

import io.ringrift.kernel.Pure;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.state.v1.ReadLearningResponse;
import io.ringrift.training.v1.Gate;
import io.ringrift.training.v1.GetLineageResponse;
import io.ringrift.training.v1.LineageStep;
import io.ringrift.training.v1.Model;
import io.ringrift.training.v1.Promotion;
import io.ringrift.training.v1.TrainingRun;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;

/// Where models come from and what came of games, out of what the ledger keeps.
@Pure
final class Lineage {
  private final ReadLearningResponse learning;

  /// @param learning all of it, with the files of the runs
  Lineage(ReadLearningResponse learning) {
    this.learning = learning;
  }

  /// The model, its ancestors, and what was trained on from it.
  ///
  /// @throws Refusal MODEL_NOT_FOUND or AMBIGUOUS_ID
  GetLineageResponse.Builder ofModel(String idOrPrefix) {
    Model asked = resolve(idOrPrefix);
    var answer = GetLineageResponse.newBuilder();
    var seen = new HashSet<String>();
    Optional<Model> next = Optional.of(asked);
    while (next.isPresent() && seen.add(next.get().getModelId())) {
      answer.addSteps(step(next.get()));
      next = Office.model(learning, next.get().getParentModelId());
    }
    learning.getModelsList().stream()
        .filter(model -> model.getParentModelId().equals(asked.getModelId()))
        .sorted(Comparator.comparingLong(Model::getSequence))
        .forEach(answer::addDescendants);
    return answer;
  }

  /// The models that learned from a game file, oldest first; none when none did.
  ///
  /// @param file path or SHA-256
  GetLineageResponse.Builder ofFile(String file) {
    var answer = GetLineageResponse.newBuilder();
    learning.getRunsList().stream()
        .filter(
            run ->
                run.getFilesList().stream()
                    .anyMatch(f -> f.getPath().equals(file) || f.getSha256().equals(file)))
        .sorted(Comparator.comparingLong(TrainingRun::getSequence))
        .map(run -> Office.model(learning, run.getModelId()))
        .flatMap(Optional::stream)
        .forEach(model -> answer.addSteps(step(model)));
    return answer;
  }

  private Model resolve(String idOrPrefix) {
    List<Model> found =
        learning.getModelsList().stream()
            .filter(model -> model.getModelId().startsWith(idOrPrefix))
            .sorted(Comparator.comparing(Model::getModelId))
            .toList();
    if (found.isEmpty()) {
      throw new Refusal(
          Reason.MODEL_NOT_FOUND, "no model \"" + idOrPrefix + "\"; see `model list`");
    }
    if (found.size() > 1 && !found.getFirst().getModelId().equals(idOrPrefix)) {
      throw new Refusal(
          Reason.AMBIGUOUS_ID,
          "\"" + idOrPrefix + "\" fits " + found.size() + " models; give more of the id");
    }
    return found.getFirst();
  }

  private LineageStep step(Model model) {
    var step = LineageStep.newBuilder().setModel(model);
    learning.getRunsList().stream()
        .filter(run -> run.getTrainingId().equals(model.getTrainingId()))
        .findFirst()
        .ifPresent(step::setTraining);
    learning.getGatesList().stream()
        .filter(gate -> gate.getCandidateId().equals(model.getModelId()))
        .sorted(Comparator.comparingLong(Gate::getSequence))
        .forEach(step::addGates);
    learning.getPromotionsList().stream()
        .filter(change -> change.getModelId().equals(model.getModelId()))
        .sorted(Comparator.comparingLong(Promotion::getSequence))
        .forEach(step::addPromotions);
    return step.build();
  }
}
