package io.ringrift.benchmarks.swim;

import io.ringrift.benchmarks.Silence;
import io.ringrift.benchmarks.swim.Seen.Kind;
import java.io.IOException;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArraySet;
import java.util.concurrent.TimeUnit;

/// Processes with members, what they print read into what was seen. One thread, but for the readers
/// and `close`.
final class Swarm implements AutoCloseable {
  private static final long STOP_SECONDS = 10;

  private final Makers maker;
  private final Lane lane;
  private final Seen seen = new Seen();
  private final Map<String, Process> processes = new HashMap<>();

  /// Changed under this alone.
  private final Set<Process> all = new CopyOnWriteArraySet<>();

  /// Guarded by this.
  private boolean closed;

  Swarm(Makers maker, Lane lane) {
    this.maker = maker;
    this.lane = lane;
  }

  Seen seen() {
    return seen;
  }

  /// Starts members, first to last; the last has a process of its own.
  void start(int members, String preset) throws IOException, InterruptedException {
    for (List<Integer> group : maker.groups(members)) {
      start(group, preset);
    }
  }

  void start(List<Integer> group, String preset) throws IOException, InterruptedException {
    Process process = launch(lane.inside(maker.command(group, preset)));
    group.forEach(member -> processes.put(MemberHost.name(member), process));
    Thread.ofVirtual().start(() -> read(process, MemberHost.name(group.getFirst())));
    if (group.contains(1)) {
      seen.await(
          () -> !seen.seconds(Kind.UP, MemberHost.name(1), Long.MIN_VALUE / 2).isEmpty(),
          java.time.Duration.ofSeconds(STOP_SECONDS));
    }
  }

  private synchronized Process launch(List<String> command) throws IOException {
    if (closed) {
      throw new IllegalStateException("this swarm is closed: nothing starts any more");
    }
    var process = new ProcessBuilder(command).redirectErrorStream(true).start();
    all.add(process);
    return process;
  }

  private void read(Process process, String owner) {
    try (var lines = process.inputReader()) {
      lines.lines().forEach(line -> maker.read(owner, line, seen));
    } catch (java.io.UncheckedIOException | IOException ended) {
      // a killed process closes its output in the middle
      return;
    }
  }

  /// kill -9 of the process of one member.
  ///
  /// @return when it was sent
  long kill(int member) throws InterruptedException {
    Process process = process(member);
    long at = System.nanoTime();
    process.destroyForcibly();
    process.waitFor();
    return at;
  }

  /// Lets the process of one member stand still; `kill` ends it.
  ///
  /// @return when it was sent
  long silence(int member) throws IOException, InterruptedException {
    long at = System.nanoTime();
    var _ = Silence.of(process(member).pid());
    return at;
  }

  private Process process(int member) {
    Process process = processes.get(MemberHost.name(member));
    if (process == null) {
      throw new IllegalStateException(MemberHost.name(member) + " was never started");
    }
    return process;
  }

  Collection<Long> pids() {
    return all.stream().filter(Process::isAlive).map(Process::pid).toList();
  }

  /// For any thread, also twice.
  @Override
  public void close() {
    List<Process> living;
    synchronized (this) {
      closed = true;
      living = List.copyOf(all);
    }
    living.forEach(Process::destroyForcibly);
    for (Process process : living) {
      try {
        process.waitFor(STOP_SECONDS, TimeUnit.SECONDS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }
}
