package io.ringrift.managers.training;

import com.google.protobuf.ByteString;
import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.time.Moment;
import io.ringrift.kernel.time.Ticker;
import io.ringrift.managers.Health;
import io.ringrift.managers.JsonFields;
import io.ringrift.managers.RecentOutcomes;
import io.ringrift.placement.v1.NodeView;
import io.ringrift.queue.v1.WorkItem;
import io.ringrift.queue.v1.WorkSpec;
import io.ringrift.state.v1.BeginTraining;
import io.ringrift.state.v1.Command;
import io.ringrift.state.v1.CommandResult;
import io.ringrift.state.v1.EndTraining;
import io.ringrift.state.v1.ReadLearningRequest;
import io.ringrift.state.v1.ReadLearningResponse;
import io.ringrift.sync.v1.ClusterFile;
import io.ringrift.sync.v1.FileEntry;
import io.ringrift.training.v1.Model;
import io.ringrift.training.v1.Readiness;
import io.ringrift.training.v1.TrainingFile;
import io.ringrift.training.v1.TrainingRun;
import io.ringrift.training.v1.TrainingState;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Begins runs that are due and brings their ends into the ledger. Every round reads what the
/// ledger and the queue know and does the difference, so that a leader that follows another one
/// goes on where that one was: the run's id is the id of its work item, and neither can be there
/// twice.
final class TrainingLoop {
  private static final Logger LOG = LoggerFactory.getLogger(TrainingLoop.class);
  private static final int PRIORITY = 100;
  private static final Duration RATE_WINDOW = Duration.ofHours(1);
  private static final int MOST_SAMPLES = 240;
  private static final Pattern NO_NUMBER = Pattern.compile("(?i)[+-]?(?:nan|inf|infinity)");

  private static final String NO_OUTPUT =
      "the trainer ended with 0 and its last line is no JSON object of at most 8 KiB, with the"
          + " fields model and sha256; a bare NaN or Infinity makes it none";

  private final LearningClient client;
  private final Supplier<TrainingConfig> config;
  private final Ticker ticker;
  private final LongSupplier chance;
  private final AtomicLong begun = new AtomicLong();
  private final AtomicLong completed = new AtomicLong();
  private final AtomicLong failed = new AtomicLong();
  private final Rounds rounds = new Rounds();
  private final RecentOutcomes recent = new RecentOutcomes();
  private volatile String lack = "";

  /// States of the runs that the ledger kept at the last round.
  private volatile List<TrainingState> known = List.of();

  /// Of the loop's thread.
  private Optional<Epoch> office = Optional.empty();

  /// Games of a configuration at times of this boot, oldest first; of the loop's thread and of
  /// explaining calls.
  private final Map<String, Deque<Sample>> samples = new HashMap<>();

  private record Sample(Moment at, long games) {}

  /// @param config asked anew for every decision
  /// @param chance a random number for ids and seeds
  TrainingLoop(
      LearningClient client, Supplier<TrainingConfig> config, Ticker ticker, LongSupplier chance) {
    this.client = client;
    this.config = config;
    this.ticker = ticker;
    this.chance = chance;
  }

  Map<String, Long> counters() {
    return Map.of(
        "runs_begun", begun.get(),
        "runs_completed", completed.get(),
        "runs_failed", failed.get(),
        "steps_refused", rounds.refused());
  }

  /// By the share of failures among the last runs of this office.
  Health health(Map<String, String> details) {
    return recent.health(details);
  }

  /// Runs that the ledger keeps, as the last round saw them.
  Map<String, Long> runs() {
    return Map.of(
        "running_jobs", count(TrainingState.TRAINING_STATE_RUNNING),
        "failed_jobs", count(TrainingState.TRAINING_STATE_FAILED),
        "total_jobs", (long) known.size());
  }

  private long count(TrainingState state) {
    return known.stream().filter(state::equals).count();
  }

  /// What keeps every node from training, as the last round saw it; empty when nothing does.
  String lack() {
    return lack;
  }

  void round(Optional<Epoch> epoch) {
    if (!epoch.equals(office)) {
      office = epoch;
      recent.forget();
    }
    if (epoch.isEmpty()) {
      lack = "";
      return;
    }
    var set = config.get();
    lack = set.configs().isEmpty() ? "" : TrainerMemory.lack(client.nodes(), set.trainer());
    // Runs under way are brought to their end also where nothing is to be trained any longer.
    var learning = client.learning(ReadLearningRequest.newBuilder().setWithFiles(true));
    known = learning.getRunsList().stream().map(TrainingRun::getState).toList();
    rounds.each(
        learning.getRunsList().stream()
            .filter(run -> run.getState() == TrainingState.TRAINING_STATE_RUNNING)
            .toList(),
        run -> reconcile(epoch.get(), run, learning));
    rounds.each(set.configs(), one -> beginIfReady(epoch.get(), one, learning));
  }

  private void beginIfReady(Epoch epoch, String configKey, ReadLearningResponse learning) {
    var files = client.gameFiles(configKey);
    if (judge(configKey, files, learning).getReady()) {
      begin(epoch, run(configKey, files, learning), Command.newBuilder());
    }
  }

  /// Why a configuration is trained now, or not.
  Readiness explain(String configKey) {
    return judge(
        configKey,
        client.gameFiles(configKey),
        client.learning(
            ReadLearningRequest.newBuilder().setConfigKey(configKey).setWithFiles(true)));
  }

  /// Begins a run whatever the thresholds say. Repeated under its request id it is the same run.
  ///
  /// @throws Refusal TRAINING_REFUSED or INVALID_ARGUMENT
  CommandResult dispatch(Epoch epoch, String configKey, String requestId) {
    var files = client.gameFiles(configKey);
    if (files.isEmpty()) {
      throw Refusal.invalid("config_key", configKey, "a configuration with game files");
    }
    var learning = client.learning(ReadLearningRequest.newBuilder().setConfigKey(configKey));
    var command = Command.newBuilder().setRequestId(requestId);
    if (!requestId.isEmpty()) {
      // The files of the moment and the ids are no part of what was asked for.
      command.setBodyDigest(ByteString.copyFromUtf8("dispatch " + configKey));
    }
    return begin(epoch, run(configKey, files, learning).setByHand(true), command);
  }

  private Readiness judge(
      String configKey, List<ClusterFile> files, ReadLearningResponse learning) {
    long total = games(files);
    var runs =
        learning.getRunsList().stream().filter(r -> r.getConfigKey().equals(configKey)).toList();
    var facts =
        new ReadinessRules.Facts(
            total, unseen(configKey, newest(files), learning), rate(configKey, total), gpus());
    return ReadinessRules.judge(
        configKey, "nnue", config.get().thresholds(), facts, runs, learning.getLedgerMillis());
  }

  private static long games(List<ClusterFile> files) {
    return files.stream().mapToLong(file -> file.getEntry().getGameCount()).sum();
  }

  /// Games in the newest files that the last completed run did not learn from.
  private static long unseen(
      String configKey, List<ClusterFile> newest, ReadLearningResponse learning) {
    var seen = new HashSet<String>();
    learning.getRunsList().stream()
        .filter(run -> run.getConfigKey().equals(configKey))
        .filter(run -> run.getState() == TrainingState.TRAINING_STATE_COMPLETE)
        .findFirst()
        .ifPresent(run -> run.getFilesList().forEach(file -> seen.add(file.getSha256())));
    return games(
        newest.stream().filter(file -> !seen.contains(file.getEntry().getSha256())).toList());
  }

  private List<ClusterFile> newest(List<ClusterFile> files) {
    return files.stream()
        .filter(file -> file.getEntry().getGameCount() > 0)
        .sorted(
            Comparator.comparingLong((ClusterFile f) -> f.getEntry().getModifiedTime().getSeconds())
                .reversed()
                .thenComparing(f -> f.getEntry().getPath()))
        .limit(config.get().trainer().mostFiles())
        .toList();
  }

  private int gpus() {
    return client.nodes().stream().filter(NodeView::hasFacts).mapToInt(TrainingLoop::gpus).sum();
  }

  private static int gpus(NodeView node) {
    return node.getFacts().getGpusCount();
  }

  /// Games an hour as this leader saw them come.
  private double rate(String configKey, long total) {
    synchronized (samples) {
      var seen = samples.computeIfAbsent(configKey, _ -> new ArrayDeque<>());
      Moment now = ticker.now();
      while (!seen.isEmpty() && now.since(seen.peekFirst().at()).compareTo(RATE_WINDOW) > 0) {
        seen.removeFirst();
      }
      seen.addLast(new Sample(now, total));
      if (seen.size() > MOST_SAMPLES) {
        seen.removeFirst();
      }
      long millis = now.since(seen.peekFirst().at()).toMillis();
      return millis < 1000 ? 0 : (total - seen.peekFirst().games()) * 3_600_000.0 / millis;
    }
  }

  private TrainingRun.Builder run(
      String configKey, List<ClusterFile> files, ReadLearningResponse learning) {
    var trainer = config.get().trainer();
    var run =
        TrainingRun.newBuilder()
            .setTrainingId("train-%s-%08x".formatted(configKey, chance.getAsLong() & 0xffffffffL))
            .setConfigKey(configKey)
            .setKind("nnue")
            .setWorkload(trainer.workload())
            .putAllParams(trainer.params())
            .setTotalGames(games(files))
            .setSeed(chance.getAsLong() >>> 1)
            .setParentModelId(Office.of(learning, configKey).map(Model::getModelId).orElse(""));
    var taken = newest(files);
    taken.forEach(file -> run.addFiles(file(file.getEntry())));
    return run.setGames(games(taken));
  }

  private static TrainingFile file(FileEntry entry) {
    return TrainingFile.newBuilder()
        .setPath(entry.getPath())
        .setSha256(entry.getSha256())
        .setGames(entry.getGameCount())
        .build();
  }

  private CommandResult begin(Epoch epoch, TrainingRun.Builder run, Command.Builder command) {
    var result =
        client.apply(epoch, command.setBeginTraining(BeginTraining.newBuilder().setRun(run)));
    if (!result.getDuplicate()) {
      begun.incrementAndGet();
      LOG.info("training run {} begins", result.getTraining().getTrainingId());
    }
    return result;
  }

  /// Does what is missing of one run: its item, or its end.
  private void reconcile(Epoch epoch, TrainingRun run, ReadLearningResponse learning) {
    Optional<WorkItem> item = client.item(run.getTrainingId());
    if (item.isEmpty()) {
      submit(epoch, run, learning);
      return;
    }
    switch (item.get().getState()) {
      case WORK_STATE_COMPLETED -> complete(epoch, run, item.get());
      case WORK_STATE_FAILED, WORK_STATE_TIMEOUT, WORK_STATE_CANCELLED ->
          fail(epoch, run, Items.ended(item.get()));
      case WORK_STATE_PENDING,
          WORK_STATE_CLAIMED,
          WORK_STATE_RUNNING,
          WORK_STATE_UNSPECIFIED,
          UNRECOGNIZED -> {}
    }
  }

  private void submit(Epoch epoch, TrainingRun run, ReadLearningResponse learning) {
    try {
      client.submit(epoch, run.getTrainingId(), work(run, learning));
    } catch (Refusal refusal) {
      if (refusal.reason() != Reason.INVALID_ARGUMENT) {
        throw refusal;
      }
      // A submit whose answer was lost may be taken after it was seen to be missing.
      if (client.item(run.getTrainingId()).isEmpty()) {
        fail(epoch, run, "its work item is refused: " + refusal.text());
      }
    }
  }

  private void complete(Epoch epoch, TrainingRun run, WorkItem item) {
    if (item.getOutput().isEmpty()) {
      fail(epoch, run, NO_OUTPUT);
      return;
    }
    var said = JsonFields.of(item.getOutput());
    String path = said.getOrDefault("model", "");
    String sha256 = said.getOrDefault("sha256", "");
    if (path.isEmpty() || sha256.isEmpty()) {
      fail(epoch, run, "the trainer ended with 0 and named no model and sha256 in its last line");
      return;
    }
    Optional<String> noNumber = noNumber(said, JsonFields.numbers(item.getOutput()));
    if (noNumber.isPresent()) {
      fail(epoch, run, "the trainer told " + noNumber.get() + ", which is no number to judge by");
      return;
    }
    var model = Model.newBuilder().setPath(path).setSha256(sha256);
    said.forEach(
        (name, value) -> {
          if (!name.equals("model") && value.length() <= 200 && model.getMetricsCount() < 32) {
            model.putMetrics(name, value);
          }
        });
    try {
      client.apply(epoch, Command.newBuilder().setEndTraining(ended(run).setModel(model)));
    } catch (Refusal refusal) {
      if (refusal.reason() != Reason.INVALID_ARGUMENT) {
        throw refusal;
      }
      fail(epoch, run, "the trainer named a model that cannot be one: " + refusal.text());
      return;
    }
    completed.incrementAndGet();
    recent.add(false);
    LOG.info("training run {} made {}", run.getTrainingId(), path);
  }

  /// The first figure that became NaN or infinite, whatever the trainer calls it.
  ///
  /// @param numbers what of it is no text; a number too great for its range is infinite
  private static Optional<String> noNumber(Map<String, String> said, Map<String, String> numbers) {
    return said.entrySet().stream()
        .filter(field -> !field.getKey().equals("model"))
        .filter(
            field ->
                NO_NUMBER.matcher(field.getValue()).matches()
                    || !Double.isFinite(
                        Double.parseDouble(numbers.getOrDefault(field.getKey(), "0"))))
        .map(field -> field.getKey() + " = " + field.getValue())
        .findFirst();
  }

  private void fail(Epoch epoch, TrainingRun run, String error) {
    client.apply(epoch, Command.newBuilder().setEndTraining(ended(run).setError(error)));
    failed.incrementAndGet();
    recent.add(true);
    LOG.warn("training run {} failed: {}", run.getTrainingId(), error);
  }

  private static EndTraining.Builder ended(TrainingRun run) {
    return EndTraining.newBuilder().setTrainingId(run.getTrainingId());
  }

  private WorkSpec work(TrainingRun run, ReadLearningResponse learning) {
    var job =
        LearningClient.job(run.getConfigKey(), run.getWorkload(), run.getSeed())
            .putAllParams(run.getParamsMap());
    run.getFilesList()
        .forEach(file -> job.addInputs(LearningClient.input(file.getPath(), file.getSha256())));
    Office.model(learning, run.getParentModelId())
        .ifPresent(
            parent -> {
              job.putParams("parent", parent.getPath());
              job.addInputs(LearningClient.input(parent.getPath(), parent.getSha256()));
            });
    return Items.spec("training", job, PRIORITY, config.get().trainer().timeout());
  }
}
