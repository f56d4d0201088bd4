package io.ringrift.workloads.hex;

import java.io.IOException;
import java.io.PrintStream;
import java.util.List;

/// Games of Hex as arrays for NumPy. See `ExportArguments.USAGE`.
public final class ExportMain implements Program {
  static final int TOO_FEW = 4;

  private final ExportArguments run;
  private final PrintStream results;
  private final PrintStream progress;

  ExportMain(ExportArguments run, PrintStream results, PrintStream progress) {
    this.run = run;
    this.results = results;
    this.progress = progress;
  }

  public static void main(String[] words) {
    ExportArguments run;
    try {
      run = ExportArguments.parse(List.of(words));
    } catch (UsageException e) {
      Program.refuse("hex-export", e, ExportArguments.USAGE);
      return;
    }
    Program.runToExit(new ExportMain(run, System.out, System.err));
  }

  /// What is being written is finished: that takes seconds.
  @Override
  public void stop() {
    // Nothing to do but to wait.
  }

  /// Reads and publishes.
  @Override
  public int run() {
    try {
      var listed = Dataset.listed(run.files(), run.root());
      var data =
          listed.isEmpty()
              ? Dataset.read(run.data(), run.grid(), run.window(), this::tell)
              : Dataset.exactly(listed, run.grid(), run.window(), this::tell);
      if (data.games().size() < run.fewest()) {
        tell(
            "%d games of %s are too few, --min-games is %d"
                .formatted(data.games().size(), run.grid().name(), run.fewest()));
        return TOO_FEW;
      }
      publish(data);
      return OK;
    } catch (BadFileException e) {
      tell("cannot export the files of --files: " + e.getMessage());
    } catch (IOException e) {
      tell("cannot export " + run.data() + " to " + run.out() + ": " + e);
    }
    return FAILED;
  }

  private void publish(Dataset data) throws IOException {
    WholeFile.publish(run.out(), out -> Positions.write(out, run.grid(), data));
    results.println(
        new Json()
            .put("export", Options.below(run.root(), run.out()))
            .put("sha256", Digests.hex(run.out()))
            .put("board", run.grid().name())
            .put("games", data.games().size())
            .put("positions", data.positions())
            .put("skipped_files", data.skipped())
            .put("data_hash", data.hash()));
    results.flush();
  }

  private void tell(String line) {
    progress.println("hex-export: " + line);
  }
}
