package io.ringrift.managers.sync;

import io.ringrift.kernel.Pure;
import io.ringrift.sync.v1.FileEntry;
import io.ringrift.training.v1.Model;
import io.ringrift.training.v1.ModelState;
import io.ringrift.training.v1.TrainingRun;
import io.ringrift.training.v1.TrainingState;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// Which files nobody needs any more: checkpoints of training runs that have ended, and models that
/// are out of office, but for the newest few of each configuration and those that a run goes on
/// from. What nothing is known of is needed.
@Pure
final class Garbage {
  private static final Pattern CHECKPOINT =
      Pattern.compile("training/.*?([^/]+)_e\\d{4,9}\\.checkpoint");

  private Garbage() {}

  /// Why a file is not needed.
  enum Kind {
    CHECKPOINT,
    MODEL,
    ASIDE
  }

  /// A file that nobody needs.
  record Found(Content content, Kind kind) {}

  /// @param keepModels newest models out of office that stay, for each configuration
  static List<Found> among(
      List<FileEntry> files,
      Collection<TrainingRun> runs,
      Collection<Model> models,
      int keepModels) {
    var ended = ended(runs);
    var superseded = superseded(models, needed(runs), keepModels);
    var found = new ArrayList<Found>();
    for (FileEntry file : files) {
      var checkpoint = CHECKPOINT.matcher(file.getPath());
      if (checkpoint.matches() && ended.contains(checkpoint.group(1))) {
        found.add(new Found(Content.of(file), Kind.CHECKPOINT));
      } else if (file.getSha256().equals(superseded.get(file.getPath()))) {
        found.add(new Found(Content.of(file), Kind.MODEL));
      }
    }
    return found;
  }

  private static Set<String> ended(Collection<TrainingRun> runs) {
    return runs.stream()
        .filter(
            run ->
                run.getState() == TrainingState.TRAINING_STATE_COMPLETE
                    || run.getState() == TrainingState.TRAINING_STATE_FAILED)
        .map(TrainingRun::getTrainingId)
        .collect(Collectors.toSet());
  }

  private static Set<String> needed(Collection<TrainingRun> runs) {
    return runs.stream()
        .filter(run -> run.getState() == TrainingState.TRAINING_STATE_RUNNING)
        .map(TrainingRun::getParentModelId)
        .collect(Collectors.toSet());
  }

  /// Hash by path. A path that a needed model has too is needed.
  private static Map<String, String> superseded(
      Collection<Model> models, Set<String> needed, int keepModels) {
    var hashes = new HashMap<String, String>();
    var stay = new HashSet<String>();
    var out = new HashMap<String, List<Model>>();
    for (Model model : models) {
      boolean gone =
          model.getState() == ModelState.MODEL_STATE_ARCHIVED
              || model.getState() == ModelState.MODEL_STATE_RETIRED;
      if (gone && !needed.contains(model.getModelId())) {
        out.computeIfAbsent(model.getConfigKey(), _ -> new ArrayList<>()).add(model);
      } else {
        stay.add(model.getPath());
      }
    }
    for (List<Model> own : out.values()) {
      own.sort(Comparator.comparingLong(Model::getSequence).reversed());
      own.stream().limit(keepModels).map(Model::getPath).forEach(stay::add);
      own.stream().skip(keepModels).forEach(m -> hashes.put(m.getPath(), m.getSha256()));
    }
    hashes.keySet().removeAll(stay);
    return hashes;
  }
}
