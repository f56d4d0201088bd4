package io.ringrift.chaos.run;

import io.ringrift.chaos.ground.ChaosFolders;
import io.ringrift.chaos.ground.Ground;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;

/// Removes what a run has made when this process is told to end (SIGINT, SIGTERM) in the middle of
/// it: nodes, jobs, mounts, rules, the folder. The process then ends with 128 and the number of the
/// signal. Opened, told and closed by the thread of the run.
final class Interruption implements AutoCloseable {
  private final PrintWriter out;
  private final Path folder;
  private final Thread hook = new Thread(this::clean, "interrupted");
  private final AtomicReference<Optional<Ground>> ground = new AtomicReference<>(Optional.empty());

  Interruption(PrintWriter out, Path folder) {
    this.out = out;
    this.folder = folder;
    Runtime.getRuntime().addShutdownHook(hook);
  }

  /// The ground that is to be closed too.
  void opened(Ground made) {
    ground.set(Optional.of(made));
  }

  private void clean() {
    out.println("interrupted: ending the nodes and removing what the run has made");
    out.flush();
    ground.get().ifPresent(Ground::close);
    try {
      var _ = ChaosFolders.remove(folder);
    } catch (IOException e) {
      out.println(folder + " could not be removed (" + e + "); say \"chaos clean\"");
      out.flush();
    }
  }

  /// Does not return while the process ends: what a run that was torn down would tell is no
  /// verdict.
  @Override
  public void close() {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException ending) {
      var _ = new CompletableFuture<Void>().join();
    }
  }
}
