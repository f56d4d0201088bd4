package io.ringrift.managers.state;

import io.ringrift.kernel.Pure;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.state.v1.BeginTraining;
import io.ringrift.state.v1.CommandResult;
import io.ringrift.state.v1.EndTraining;
import io.ringrift.training.v1.Model;
import io.ringrift.training.v1.ModelState;
import io.ringrift.training.v1.TrainingFile;
import io.ringrift.training.v1.TrainingRun;
import io.ringrift.training.v1.TrainingState;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/// What commands do to training runs (SPEC 5.6). A configuration has one run of a kind at a time,
/// and no run learns from games that a run before it learned from, so that a trigger that comes
/// twice, or from two leaders, begins one run.
@Pure
final class TrainingActions {
  /// Completed runs that are kept of a configuration; the newest are.
  static final int MOST_COMPLETE = 100;

  /// Failed runs that are kept of a configuration.
  static final int MOST_FAILED = 20;

  /// Configurations that may have runs.
  static final int MOST_CONFIGS = 32;

  static final int MOST_FILES = 256;
  private static final int MOST_PARAMS = 32;
  private static final int LONGEST_TEXT = 1000;
  private static final Set<String> KINDS = Set.of("nnue", "cmaes");

  private final OrderedTable<TrainingRun> runs;
  private final ModelTable models;
  private final StateClock clock;
  private final EventRing events;

  TrainingActions(
      OrderedTable<TrainingRun> runs, ModelTable models, StateClock clock, EventRing events) {
    this.runs = runs;
    this.models = models;
    this.clock = clock;
    this.events = events;
  }

  Decision begin(BeginTraining command, long epoch) {
    TrainingRun run = command.getRun();
    try {
      check(run);
    } catch (Refusal refusal) {
      return Decision.refused(refusal);
    }
    String digest = digest(run);
    return refuses(run, digest)
        .orElseGet(
            () ->
                new Decision.Change(
                    () -> {
                      var begun =
                          run.toBuilder()
                              .setState(TrainingState.TRAINING_STATE_RUNNING)
                              .setDataDigest(digest)
                              .clearModelId()
                              .clearError()
                              .setCreateTime(clock.wallTime())
                              .setCreateLedgerMillis(clock.ledgerMillis())
                              .setSequence(clock.nextSequence())
                              .setEpoch(epoch)
                              .build();
                      runs.put(begun);
                      forget(begun.getConfigKey());
                      event("TRAINING_STARTED", begun, Map.of());
                      return result(begun);
                    }));
  }

  private static void check(TrainingRun run) {
    Names.requireId("run.training_id", run.getTrainingId());
    Names.requireConfig("run.config_key", run.getConfigKey());
    if (!KINDS.contains(run.getKind())) {
      throw Refusal.invalid("run.kind", run.getKind(), "nnue or cmaes");
    }
    if (run.getWorkload().isEmpty() || run.getWorkload().length() > 64) {
      throw Refusal.invalid("run.workload", run.getWorkload(), "1 to 64 characters");
    }
    int files = run.getFilesCount();
    if (files < 1 || files > MOST_FILES) {
      throw Refusal.invalid("run.files", files + " files", "1 to " + MOST_FILES);
    }
    for (int i = 0; i < files; i++) {
      Names.requirePath("run.files[" + i + "].path", run.getFiles(i).getPath());
      Names.requireSha256("run.files[" + i + "].sha256", run.getFiles(i).getSha256());
    }
    if (run.getParamsCount() > MOST_PARAMS) {
      throw Refusal.invalid("run.params", run.getParamsCount() + " values", "at most 32");
    }
    run.getParamsMap()
        .forEach(
            (name, value) -> {
              if (name.length() > 64 || value.length() > LONGEST_TEXT) {
                throw Refusal.invalid(
                    "run.params." + name, value, "names of 64 and values of 1000 characters");
              }
            });
  }

  private Optional<Decision> refuses(TrainingRun run, String digest) {
    if (runs.get(run.getTrainingId()) != null) {
      return refused("there is a run " + run.getTrainingId() + " already; give this one an id");
    }
    if (oneTooMany(run.getConfigKey())) {
      return refused("runs of " + MOST_CONFIGS + " configurations are kept already; no more fit");
    }
    String parent = run.getParentModelId();
    if (!parent.isEmpty() && !models.has(parent, run.getConfigKey())) {
      return Optional.of(
          Decision.refused(
              Reason.MODEL_NOT_FOUND,
              "no model " + parent + " of " + run.getConfigKey() + "; see `model list`"));
    }
    for (TrainingRun other : runs.newestFirst()) {
      if (!other.getConfigKey().equals(run.getConfigKey())
          || !other.getKind().equals(run.getKind())) {
        continue;
      }
      if (!ended(other)) {
        return refused(
            other.getTrainingId()
                + " of "
                + run.getConfigKey()
                + " is under way; wait for its end, one run at a time");
      }
      if (other.getState() == TrainingState.TRAINING_STATE_COMPLETE
          && other.getDataDigest().equals(digest)) {
        return refused(
            other.getTrainingId() + " learned from the same games already; wait for new ones");
      }
    }
    return Optional.empty();
  }

  /// A configuration that fails again and again costs neither its own last success nor another's.
  private void forget(String config) {
    runs.forget(MOST_FAILED, run -> of(config, TrainingState.TRAINING_STATE_FAILED, run));
    runs.forget(MOST_COMPLETE, run -> of(config, TrainingState.TRAINING_STATE_COMPLETE, run));
  }

  private static boolean of(String config, TrainingState state, TrainingRun run) {
    return run.getConfigKey().equals(config) && run.getState() == state;
  }

  private boolean oneTooMany(String config) {
    var configs = new TreeSet<String>();
    runs.newestFirst().forEach(run -> configs.add(run.getConfigKey()));
    return !configs.contains(config) && configs.size() >= MOST_CONFIGS;
  }

  private static Optional<Decision> refused(String why) {
    return Optional.of(Decision.refused(Reason.TRAINING_REFUSED, why));
  }

  static boolean ended(TrainingRun run) {
    return run.getState() != TrainingState.TRAINING_STATE_RUNNING;
  }

  /// Of the files' contents, in whatever order they are named.
  private static String digest(TrainingRun run) {
    try {
      var sha = MessageDigest.getInstance("SHA-256");
      run.getFilesList().stream()
          .map(TrainingFile::getSha256)
          .sorted()
          .forEach(hash -> sha.update(hash.getBytes(StandardCharsets.US_ASCII)));
      return HexFormat.of().formatHex(sha.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  Decision end(EndTraining command) {
    TrainingRun run = runs.get(command.getTrainingId());
    if (run == null) {
      return Decision.refused(
          Reason.TRAINING_NOT_FOUND,
          "no training run " + command.getTrainingId() + "; see `training list`");
    }
    return switch (command.getOutcomeCase()) {
      case MODEL -> complete(run, command.getModel());
      case ERROR -> fail(run, command.getError());
      case OUTCOME_NOT_SET -> Decision.invalid("outcome", "", "a model or an error");
    };
  }

  private Decision complete(TrainingRun run, Model model) {
    try {
      Names.requirePath("model.path", model.getPath());
      Names.requireSha256("model.sha256", model.getSha256());
      ModelTable.checkMetrics(model);
    } catch (Refusal refusal) {
      return Decision.refused(refusal);
    }
    String id = ModelTable.idOf(run.getConfigKey(), model.getSha256());
    if (ended(run)) {
      return id.equals(run.getModelId()) ? new Decision.Settled(result(run)) : over(run);
    }
    return new Decision.Change(
        () -> {
          models.register(
              model.toBuilder()
                  .setModelId(id)
                  .setConfigKey(run.getConfigKey())
                  .setTrainingId(run.getTrainingId())
                  .setParentModelId(run.getParentModelId())
                  .setState(ModelState.MODEL_STATE_CANDIDATE)
                  .clearGateId()
                  .build());
          var ended = endedNow(run, TrainingState.TRAINING_STATE_COMPLETE).setModelId(id).build();
          runs.put(ended);
          event("TRAINING_COMPLETED", ended, Map.of("model_path", model.getPath()));
          return result(ended);
        });
  }

  private Decision fail(TrainingRun run, String error) {
    String cut = error.length() <= LONGEST_TEXT ? error : error.substring(0, LONGEST_TEXT);
    if (ended(run)) {
      return run.getState() == TrainingState.TRAINING_STATE_FAILED
          ? new Decision.Settled(result(run))
          : over(run);
    }
    return new Decision.Change(
        () -> {
          var ended = endedNow(run, TrainingState.TRAINING_STATE_FAILED).setError(cut).build();
          runs.put(ended);
          event("TRAINING_FAILED", ended, Map.of("error", cut));
          return result(ended);
        });
  }

  private TrainingRun.Builder endedNow(TrainingRun run, TrainingState state) {
    return run.toBuilder()
        .setState(state)
        .setEndTime(clock.wallTime())
        .setEndLedgerMillis(clock.ledgerMillis());
  }

  private static Decision over(TrainingRun run) {
    return Decision.refused(
        Reason.ILLEGAL_TRANSITION,
        "training run " + run.getTrainingId() + " has ended already, in another way");
  }

  private void event(String kind, TrainingRun run, Map<String, String> more) {
    var attributes = new java.util.TreeMap<>(more);
    attributes.put("config_key", run.getConfigKey());
    attributes.put("job_id", run.getTrainingId());
    attributes.put("job_type", run.getKind());
    attributes.put("model_id", run.getModelId());
    events.add(kind, run.getTrainingId(), attributes);
  }

  /// Without the files, which would be remembered with every repeatable command.
  private static CommandResult result(TrainingRun run) {
    return CommandResult.newBuilder().setTraining(run.toBuilder().clearFiles()).build();
  }
}
