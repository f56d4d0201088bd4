package io.ringrift.managers.job;

import io.ringrift.job.v1.ExitStatus;
import io.ringrift.job.v1.JobState;
import io.ringrift.job.v1.ProcessView;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.time.Moment;
import io.ringrift.kernel.time.Ticker;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Sees one run through from its launch or adoption to its end, on a virtual thread of its own.
/// Closing the supervisor ends the watching, never the process.
final class RunWatch implements Runnable {
  private static final Logger LOG = LoggerFactory.getLogger(RunWatch.class);
  private static final Duration OWN_BEAT = Duration.ofMillis(500);
  private static final Duration ADOPTED_BEAT = Duration.ofMillis(200);
  private static final Duration TRACE_PATIENCE = Duration.ofSeconds(2);
  private static final Duration DISK_BEAT = Duration.ofSeconds(1);

  /// What the supervisor is told.
  interface Listener {
    void running(Run run);

    /// Durable before it returns.
    void ended(Run run, ExitStatus exit);
  }

  private final Run run;
  private final RunFolder folder;
  private final ProcessTree tree;
  private final RunInputs inputs;
  private final Supplier<Process> launch;
  private final List<Run> superseded;
  private final ProcessConfig config;
  private final Ticker ticker;
  private final Listener listener;
  private @Nullable Process witness;
  private Optional<ProcTable.Identity> process = Optional.empty();
  private @Nullable Moment deadline;
  private @Nullable Moment termAt;
  private Moment nextTrim = Moment.MIN;
  private boolean stopNoted;
  private boolean diskTold;

  /// A look at the disk, which may be full or failing.
  @FunctionalInterface
  private interface Look<T> {
    T look() throws InterruptedException;
  }

  /// @param inputs brings what the run reads here, before the launch
  /// @param launch starts the process; asked once, never for an adopted run
  record Task(RunFolder folder, RunInputs inputs, Supplier<Process> launch, List<Run> superseded) {}

  RunWatch(Run run, Task task, ProcessConfig config, Ticker ticker, Listener listener) {
    this.run = run;
    this.folder = task.folder();
    this.tree = new ProcessTree(task.folder());
    this.inputs = task.inputs();
    this.launch = task.launch();
    this.superseded = task.superseded();
    this.config = config;
    this.ticker = ticker;
    this.listener = listener;
  }

  @Override
  public void run() {
    try {
      ExitStatus exit = run.rawView().getAdopted() ? adopt() : begin();
      finish(exit);
    } catch (InterruptedException e) {
      // The supervisor closes; the run goes on and is adopted by the next one.
      Thread.currentThread().interrupt();
    }
  }

  private ExitStatus begin() throws InterruptedException {
    for (Run older : superseded) {
      while (!older.awaitEnd(OWN_BEAT)) {
        older.ring();
      }
    }
    if (run.stopCause().isPresent()) {
      return Exits.without(run.stopCause().get(), "stopped before it began");
    }
    try {
      Optional<ExitStatus> early = inputs.gather(run, folder);
      if (early.isPresent()) {
        return early.get();
      }
      witness = launch.get();
    } catch (Refusal e) {
      LOG.warn("{} could not be started: {}", run.key(), e.text());
      return Exits.without("spawn_failed", e.text());
    }
    var _ = witness.onExit().thenRun(run::ring);
    return watch(OWN_BEAT);
  }

  private ExitStatus adopt() throws InterruptedException {
    patiently(this::awaitTrace);
    return watch(ADOPTED_BEAT);
  }

  private boolean awaitTrace() throws InterruptedException {
    folder.stopCause().ifPresent(run::stop);
    Moment patience = ticker.now().plus(TRACE_PATIENCE);
    while (folder.exitCode().isEmpty()
        && folder.process().isEmpty()
        && folder.wrapper().isEmpty()
        && ticker.now().isBefore(patience)) {
      run.listen(ADOPTED_BEAT);
    }
    return true;
  }

  /// A disk that refuses must not end the watching, or the run would keep its slot for ever: told
  /// once, and looked at again.
  private <T> T patiently(Look<T> look) throws InterruptedException {
    while (true) {
      try {
        return look.look();
      } catch (Refusal e) {
        tell(e);
        run.listen(DISK_BEAT);
      }
    }
  }

  private void tell(Refusal e) {
    if (!diskTold) {
      diskTold = true;
      LOG.error("{} is watched on although its folder fails: {}", run.key(), e.text());
    }
  }

  private ExitStatus watch(Duration beat) throws InterruptedException {
    while (true) {
      Optional<ExitStatus> exit = patiently(this::look);
      if (exit.isPresent()) {
        return exit.get();
      }
      run.listen(process.isEmpty() || termAt != null ? Duration.ofMillis(20) : beat);
    }
  }

  /// One look at the run, and what follows from it.
  ///
  /// @return its end, once it is over
  private Optional<ExitStatus> look() throws InterruptedException {
    noteProcess();
    var code = folder.exitCode();
    if (code.isPresent()) {
      return Optional.of(Exits.of(code.getAsInt(), run.stopCause()));
    }
    if (!anyoneAlive()) {
      return Optional.of(vanished());
    }
    driveStop();
    trim();
    return Optional.empty();
  }

  /// Nobody is there and no exit code: either it was noted between the two looks, or it never will.
  private ExitStatus vanished() {
    folder.abandon();
    var code = folder.exitCode();
    if (code.isPresent()) {
      return Exits.of(code.getAsInt(), run.stopCause());
    }
    return run.stopCause()
        .map(cause -> Exits.without(cause, cause + ": the process is gone"))
        .orElseGet(
            () ->
                Exits.without(
                    "lost",
                    "the process is gone and its exit code was not recorded: its witness was"
                        + " killed, or the machine or node died first"));
  }

  private boolean anyoneAlive() {
    Process own = witness;
    return (own != null && own.isAlive())
        || folder.process().filter(ProcTable.Identity::alive).isPresent()
        || folder.wrapper().filter(ProcTable.Identity::alive).isPresent();
  }

  private void noteProcess() {
    if (process.isPresent()) {
      return;
    }
    process = folder.process();
    process.ifPresent(
        identity -> {
          deadline = ticker.now().plus(timeout()).minus(ProcTable.age(identity));
          run.running(identity.pid());
          listener.running(run);
        });
  }

  private Duration timeout() {
    ProcessView view = run.rawView();
    if (!view.getOrder().getSpec().hasTimeout()) {
      return config.defaultTimeout();
    }
    var timeout = view.getOrder().getSpec().getTimeout();
    return Duration.ofSeconds(timeout.getSeconds(), timeout.getNanos());
  }

  private void driveStop() throws InterruptedException {
    Moment now = ticker.now();
    Moment limit = deadline;
    if (limit != null && now.isAfter(limit)) {
      run.stop("timeout");
    }
    Optional<String> cause = run.stopCause();
    if (cause.isEmpty()) {
      return;
    }
    noteStop(cause.get());
    Moment begun = termAt;
    if (begun == null) {
      tree.terminate();
      termAt = now;
    } else if (now.since(begun).compareTo(config.stopGrace()) > 0) {
      tree.kill();
      if (now.since(begun).compareTo(config.stopGrace().plusSeconds(2)) > 0) {
        tree.killWitness();
      }
    }
  }

  /// The mark lets a node that restarts know the cause; a disk that cannot take it must not keep
  /// the process alive.
  private void noteStop(String cause) {
    if (stopNoted) {
      return;
    }
    try {
      folder.writeStop(cause);
      stopNoted = true;
    } catch (Refusal e) {
      tell(e);
    }
  }

  private void trim() {
    if (ticker.now().isBefore(nextTrim)) {
      return;
    }
    nextTrim = ticker.now().plus(Duration.ofSeconds(2));
    try {
      folder.log("stdout").trim(config.logCapBytes());
      folder.log("stderr").trim(config.logCapBytes());
    } catch (Refusal e) {
      LOG.warn("log of {} could not be trimmed: {}", run.key(), e.text());
    }
  }

  private String output(ExitStatus exit) {
    if (Exits.state(exit) != JobState.JOB_STATE_COMPLETE) {
      return "";
    }
    try {
      return RunOutput.of(folder.log("stdout"));
    } catch (Refusal e) {
      LOG.warn("{} ends without an output, for its log fails: {}", run.key(), e.text());
      return "";
    }
  }

  /// No process of the run outlives it; its end is told until it is noted.
  private void finish(ExitStatus exit) throws InterruptedException {
    patiently(
        () -> {
          tree.kill();
          return true;
        });
    run.ended(Exits.state(exit), exit, output(exit));
    patiently(
        () -> {
          listener.ended(run, exit);
          return true;
        });
  }
}
