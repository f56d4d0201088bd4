package io.ringrift.node.cli;

import io.ringrift.training.v1.Model;
import io.ringrift.training.v1.Promotion;
import io.ringrift.training.v1.TrainingRun;
import io.ringrift.training.v1.TrainingState;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Looks on while a cluster learns, and tells by their ids what is there twice and what was there
/// and is lost. It is shown what the leader knows, time after time. One thread.
final class LearnWitness {
  /// The newest of each kind; the ledger keeps more.
  private static final int REMEMBERED = 40;

  private static final int MOST_PROBLEMS = 50;

  private List<TrainingRun> seenRuns = List.of();
  private List<Promotion> seenPromotions = List.of();
  private final Set<String> problems = new LinkedHashSet<>();

  /// @param runs of one configuration, newest first
  /// @param models read after the runs
  /// @param promotions newest first, read after the models
  void see(List<TrainingRun> runs, List<Model> models, List<Promotion> promotions) {
    var runsById = each("training run", runs, TrainingRun::getTrainingId);
    var modelsById = each("model", models, Model::getModelId);
    var promotionsByPlace = each("promotion", promotions, Promotion::getSequence);
    seenRuns.forEach(seen -> compare(seen, runsById.get(seen.getTrainingId())));
    seenPromotions.forEach(seen -> compare(seen, promotionsByPlace.get(seen.getSequence())));
    begun(runs);
    made(models);
    inOrder(promotions);
    // A run that failed may be forgotten soon.
    seenRuns = runs.stream().filter(run -> !failed(run)).limit(REMEMBERED).toList();
    seenPromotions = promotions.stream().limit(REMEMBERED).toList();
    seenRuns.stream().filter(LearnWitness::complete).forEach(run -> has(modelsById, run));
    seenPromotions.forEach(promotion -> has(modelsById, promotion));
  }

  /// What did not hold at some moment; empty when all did.
  List<String> problems() {
    return List.copyOf(problems);
  }

  private void problem(String text) {
    if (problems.size() < MOST_PROBLEMS) {
      problems.add(text);
    }
  }

  private <K, T> Map<K, T> each(String what, List<T> all, Function<T, K> id) {
    var byId = new HashMap<K, T>();
    for (T one : all) {
      if (byId.put(id.apply(one), one) != null) {
        problem("%s %s is there twice".formatted(what, id.apply(one)));
      }
    }
    return byId;
  }

  private void compare(TrainingRun seen, @Nullable TrainingRun now) {
    String id = seen.getTrainingId();
    if (now == null) {
      problem("training run %s was there and is lost".formatted(id));
    } else if (complete(seen) && !complete(now)) {
      problem(
          "training run %s was complete and is %s".formatted(id, Printer.state(now.getState())));
    } else if (complete(seen) && !now.getModelId().equals(seen.getModelId())) {
      problem(
          "training run %s made %s and now %s".formatted(id, seen.getModelId(), now.getModelId()));
    }
  }

  private void compare(Promotion seen, @Nullable Promotion now) {
    if (now == null) {
      problem("the promotion of %s (%d) is lost".formatted(seen.getModelId(), seen.getSequence()));
    } else if (!now.getModelId().equals(seen.getModelId())) {
      problem(
          "promotion %d was that of %s and is that of %s"
              .formatted(seen.getSequence(), seen.getModelId(), now.getModelId()));
    }
  }

  private void begun(List<TrainingRun> runs) {
    var byGames = new HashMap<String, TrainingRun>();
    TrainingRun underWay = null;
    for (TrainingRun run : runs) {
      if (failed(run)) {
        continue;
      }
      TrainingRun same = byGames.put(run.getDataDigest(), run);
      if (same != null) {
        problem(
            "training runs %s and %s learn from the same games"
                .formatted(run.getTrainingId(), same.getTrainingId()));
      }
      if (run.getState() == TrainingState.TRAINING_STATE_RUNNING) {
        if (underWay != null) {
          problem(
              "training runs %s and %s are under way at once"
                  .formatted(run.getTrainingId(), underWay.getTrainingId()));
        }
        underWay = run;
      }
    }
  }

  private void made(List<Model> models) {
    var byRun = new HashMap<String, Model>();
    for (Model model : models) {
      Model same = byRun.put(model.getTrainingId(), model);
      if (same != null) {
        problem(
            "models %s and %s are of one training run, %s"
                .formatted(model.getModelId(), same.getModelId(), model.getTrainingId()));
      }
    }
  }

  /// Each tells who was in office before, which the one before it has to tell too.
  private void inOrder(List<Promotion> promotions) {
    var byGate = new HashMap<String, Promotion>();
    for (int i = 0; i < promotions.size(); i++) {
      Promotion one = promotions.get(i);
      if (!one.getGateId().isEmpty() && byGate.put(one.getGateId(), one) != null) {
        problem("gate %s promoted twice".formatted(one.getGateId()));
      }
      if (i + 1 < promotions.size()) {
        String before = promotions.get(i + 1).getModelId();
        if (!one.getPreviousModelId().equals(before)) {
          problem(
              "a promotion is lost: %s followed \"%s\", and \"%s\" is told to have been before it"
                  .formatted(one.getModelId(), one.getPreviousModelId(), before));
        }
      }
    }
  }

  private void has(Map<String, Model> models, TrainingRun run) {
    if (!models.containsKey(run.getModelId())) {
      problem(
          "model %s of training run %s is lost".formatted(run.getModelId(), run.getTrainingId()));
    }
  }

  private void has(Map<String, Model> models, Promotion promotion) {
    String model = promotion.getModelId();
    if (!model.isEmpty() && !models.containsKey(model)) {
      problem("model %s was in office and is lost".formatted(model));
    }
  }

  private static boolean failed(TrainingRun run) {
    return run.getState() == TrainingState.TRAINING_STATE_FAILED;
  }

  private static boolean complete(TrainingRun run) {
    return run.getState() == TrainingState.TRAINING_STATE_COMPLETE;
  }
}
