package io.ringrift.workloads.hex;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;

/// Training of Hex. See `TrainArguments.USAGE`.
public final class TrainMain implements Program {
  static final int NOT_FINITE = 3;
  static final int TOO_FEW = 4;

  private final TrainArguments run;
  private final PrintStream results;
  private final PrintStream progress;
  private final InstantSource clock;
  private volatile boolean stopping;

  TrainMain(TrainArguments run, PrintStream results, PrintStream progress, InstantSource clock) {
    this.run = run;
    this.results = results;
    this.progress = progress;
    this.clock = clock;
  }

  public static void main(String[] words) {
    TrainArguments run;
    try {
      run = TrainArguments.parse(List.of(words));
    } catch (UsageException e) {
      Program.refuse("hex-train", e, TrainArguments.USAGE);
      return;
    }
    Program.runToExit(new TrainMain(run, System.out, System.err, InstantSource.system()));
  }

  /// The batch under way is finished first; its epoch is lost.
  @Override
  public void stop() {
    stopping = true;
  }

  /// Reads, learns and publishes.
  @Override
  public int run() {
    try {
      var listed = Dataset.listed(run.files(), run.root());
      var data =
          listed.isEmpty()
              ? Dataset.read(run.data(), run.grid(), run.window(), this::tell)
              : Dataset.exactly(listed, run.grid(), run.window(), line -> tell(line));
      if (data.games().size() < run.fewest()) {
        tell(
            "%d games of %s %s are too few, --min-games is %d"
                .formatted(data.games().size(), run.grid().name(), source(listed), run.fewest()));
        return TOO_FEW;
      }
      return learn(data);
    } catch (BadFileException e) {
      tell("cannot train from the files of --files: " + e.getMessage());
      return FAILED;
    } catch (NotFiniteException e) {
      tell(String.valueOf(e.getMessage()));
      return NOT_FINITE;
    } catch (IOException e) {
      tell("cannot train from " + run.data() + " to " + run.modelOut() + ": " + e);
      return FAILED;
    }
  }

  private String source(List<Path> listed) {
    return listed.isEmpty() ? "under " + run.data() : "in " + listed.size() + " listed files";
  }

  private int learn(Dataset data) throws IOException, NotFiniteException {
    var origin = new Checkpoint.Origin(run.recipe(), data.hash(), run.parent().sha256());
    var fresh = Checkpoint.start(run.parent().network());
    var checkpoints =
        new Checkpoints(run.checkpoints(), origin, fresh.network().shape(), this::tell);
    var state = checkpoints.latest(fresh, run.epochs());
    var trainer = new Trainer(run.grid(), data, run.recipe(), state);
    for (int epoch = state.epochs() + 1; epoch <= run.epochs(); epoch++) {
      var start = clock.instant();
      var losses = trainer.epoch(() -> stopping);
      if (losses.isEmpty()) {
        tell("stopped in epoch " + epoch + "; no model was written");
        return OK;
      }
      checkpoints.keep(trainer.state());
      double seconds = Duration.between(start, clock.instant()).toMillis() / 1000.0;
      report(epoch, losses.get(), data, seconds);
    }
    publish(trainer.state(), data, state.epochs());
    checkpoints.removeAll();
    return OK;
  }

  private void report(int epoch, Trainer.Losses losses, Dataset data, double seconds) {
    line(
        losses(new Json().put("epoch", epoch), losses)
            .put("positions", data.positions())
            .put("seconds", seconds, 3));
  }

  /// @param before epochs of an earlier attempt that this one went on from
  private void publish(Checkpoint state, Dataset data, int before) throws IOException {
    byte[] bytes = ModelFile.bytes(state.network());
    WholeFile.publish(run.modelOut(), bytes);
    line(
        losses(
                new Json()
                    .put("model", Options.below(run.root(), run.modelOut()))
                    .put("sha256", Digests.hex(bytes))
                    .put("board", run.grid().name())
                    .put("epochs", run.epochs()),
                state.losses())
            .put("games", data.games().size())
            .put("positions", data.positions())
            .put("skipped_files", data.skipped())
            .put("data_hash", data.hash())
            .put("seed", run.recipe().seed())
            .put("parent", run.trained() ? run.parent().sha256() : "")
            .put("epochs_before", before));
  }

  private static Json losses(Json json, Trainer.Losses losses) {
    return json.put("loss", losses.loss(), 6)
        .put("policy_loss", losses.policyLoss(), 6)
        .put("value_loss", losses.valueLoss(), 6);
  }

  private void line(Json json) {
    results.println(json);
    results.flush();
  }

  private void tell(String what) {
    progress.println("hex-train: " + what);
  }
}
