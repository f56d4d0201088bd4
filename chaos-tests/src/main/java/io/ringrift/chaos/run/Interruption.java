package io.ringrift.chaos.run;

import io.ringrift.chaos.ground.ChaosFolders;
import io.ringrift.chaos.ground.Ground;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/// The folder of a run, and the removal of all that the run has made when this process is told to
/// end (SIGINT, SIGTERM) before the folder is gone: nodes, jobs, mounts, rules, the folder. The
/// process then ends with 128 and the number of the signal. Opened, told and closed by the thread
/// of the run.
final class Interruption implements AutoCloseable {
  private final PrintWriter out;
  private final Thread hook = new Thread(this::clean, "interrupted");

  /// The rest is guarded by this.
  private Optional<Path> folder = Optional.empty();

  private Optional<Ground> ground = Optional.empty();
  private boolean ending;

  /// Does not return while the process ends.
  Interruption(PrintWriter out) {
    this.out = out;
    try {
      Runtime.getRuntime().addShutdownHook(hook);
    } catch (IllegalStateException already) {
      rest();
    }
  }

  /// Makes the folder.
  Path folder() throws IOException {
    synchronized (this) {
      if (!ending) {
        folder = Optional.of(ChaosFolders.create());
        return folder.get();
      }
    }
    throw rest();
  }

  /// The ground that is to be closed too.
  void opened(Ground made) {
    synchronized (this) {
      ground = Optional.of(made);
    }
    check();
  }

  /// Does not return while the process ends: what a run that was torn down would tell is no
  /// verdict.
  void check() {
    synchronized (this) {
      if (!ending) {
        return;
      }
    }
    rest();
  }

  /// What the end of the process runs.
  void clean() {
    Optional<Path> made;
    Optional<Ground> opened;
    synchronized (this) {
      ending = true;
      made = folder;
      opened = ground;
    }
    say("interrupted: ending the nodes and removing what the run has made");
    try {
      opened.ifPresent(Ground::close);
    } catch (RuntimeException e) {
      say("the nodes could not be ended in order (" + e + "); removing what the run has made");
    }
    if (made.isPresent()) {
      try {
        var _ = ChaosFolders.remove(made.get());
      } catch (IOException | RuntimeException e) {
        say(made.get() + " could not be removed (" + e + "); say \"chaos clean\"");
      }
    }
  }

  private void say(String what) {
    out.println(what);
    out.flush();
  }

  private static IllegalStateException rest() {
    var _ = new CompletableFuture<Void>().join();
    return new IllegalStateException("this process ends");
  }

  /// Does not return while the process ends.
  @Override
  public void close() {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException ending) {
      rest();
    }
  }
}
