package io.ringrift.managers.job;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/// All processes of one run: its session, and what descends from it in sessions of its own. A
/// `ProcessHandle` names one process and not just a pid, so a pid used again is never hit.
final class ProcessTree {
  private static final int SIGNAL_PATIENCE_SECONDS = 5;

  private final RunFolder folder;
  private final Map<Long, ProcessHandle> strays = new LinkedHashMap<>();

  ProcessTree(RunFolder folder) {
    this.folder = folder;
  }

  /// TERM to the process group; remembers who descends from it, for a parent's death hides that.
  void terminate() throws InterruptedException {
    remember();
    Optional<Long> group = group();
    if (group.isEmpty()) {
      return;
    }
    try {
      // The JDK has no signal for a group. The id is an argument, never text of the script.
      Process kill =
          new ProcessBuilder(
                  "/bin/sh", "-c", "kill -TERM -- \"-$1\"", "kill", Long.toString(group.get()))
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      if (!kill.waitFor(SIGNAL_PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        kill.destroyForcibly();
      }
    } catch (IOException e) {
      strays.values().forEach(ProcessHandle::destroy);
    }
  }

  /// KILL to everything but the witness, which then notes the exit code by itself.
  void kill() {
    remember();
    long witness = folder.wrapper().map(ProcTable.Identity::pid).orElse(-1L);
    strays.values().stream()
        .filter(process -> process.pid() != witness)
        .forEach(ProcessHandle::destroyForcibly);
  }

  /// KILL to the witness too.
  void killWitness() {
    folder
        .wrapper()
        .filter(ProcTable.Identity::alive)
        .flatMap(w -> ProcessHandle.of(w.pid()))
        .ifPresent(ProcessHandle::destroyForcibly);
  }

  private void remember() {
    boolean ours = group().isPresent();
    session()
        .ifPresent(
            session ->
                ProcTable.session(session).stream()
                    .filter(s -> ours || ProcTable.environment(s.pid()).contains(mark()))
                    .forEach(s -> ProcessHandle.of(s.pid()).ifPresent(this::keep)));
    folder
        .process()
        .filter(ProcTable.Identity::alive)
        .flatMap(p -> ProcessHandle.of(p.pid()))
        .ifPresent(
            process -> {
              keep(process);
              process.descendants().forEach(this::keep);
            });
    strays.values().removeIf(process -> !process.isAlive());
  }

  /// What the environment of every process of the run holds: proves it ours when nobody is left
  /// whose start was noted.
  private String mark() {
    String name = folder.path().getFileName().toString();
    return "RINGRIFT_JOB_ID=" + name.substring(0, name.indexOf('.')) + "\0";
  }

  private void keep(ProcessHandle process) {
    strays.putIfAbsent(process.pid(), process);
  }

  /// Session and process group carry the witness's pid. It stays theirs while anyone of them lives
  /// (POSIX: a pid is not used again while a group of that id exists).
  private Optional<Long> group() {
    boolean someone =
        folder.wrapper().filter(ProcTable.Identity::alive).isPresent()
            || folder.process().filter(ProcTable.Identity::alive).isPresent()
            || !strays.isEmpty();
    return someone ? session() : Optional.empty();
  }

  /// The session that was the run's, in this boot of the machine.
  private Optional<Long> session() {
    return folder
        .wrapper()
        .or(folder::process)
        .filter(identity -> identity.bootId().equals(ProcTable.bootId()))
        .map(ProcTable.Identity::session);
  }
}
