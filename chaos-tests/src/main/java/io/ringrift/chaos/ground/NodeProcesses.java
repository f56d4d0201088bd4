package io.ringrift.chaos.ground;

import io.ringrift.kernel.Refusal;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Node processes of one cluster. One thread; `pids` and `close` are for any.
final class NodeProcesses implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(NodeProcesses.class);
  private static final int LINES_SHOWN = 12;
  private static final int BYTES_READ = 16 << 10;
  private static final int MOST_FALLEN = 1000;

  /// Exit code of a process that SIGKILL has ended.
  private static final int KILLED = 128 + 9;

  private final ClusterPlan plan;
  private final Map<String, Process> processes = new ConcurrentHashMap<>();

  /// Ended on purpose: an end that is not in here is a crash.
  private final Set<Process> asked = ConcurrentHashMap.newKeySet();

  /// Crashed ones in whose place others were started.
  private final List<Crash> fallen = new CopyOnWriteArrayList<>();

  /// Those that an orderly stop did not end.
  private final List<String> hung = new CopyOnWriteArrayList<>();

  /// Guarded by this.
  private boolean closed;

  NodeProcesses(ClusterPlan plan) {
    this.plan = plan;
  }

  /// Makes the folders, and the file systems of those that have their own.
  void prepare() throws IOException {
    for (String node : plan.nodeNames()) {
      Files.createDirectories(plan.stateFolder(node));
      if (plan.stateMegabytes() > 0) {
        Mounts.add(plan.stateFolder(node), plan.stateMegabytes());
      }
    }
  }

  /// @param prefix words before the program, as `ip netns exec NAME`
  /// @param arguments of `ringrift node`
  synchronized void start(String node, List<String> prefix, List<String> arguments)
      throws IOException {
    if (closed) {
      throw new IllegalStateException("the run was ended, " + node + " is not started any more");
    }
    if (running(node)) {
      throw new IllegalStateException(node + " runs already");
    }
    var command = new ArrayList<>(prefix);
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(plan.jvmFlags());
    command.addAll(
        List.of("-cp", System.getProperty("java.class.path"), "io.ringrift.node.cli.Main", "node"));
    command.addAll(List.of("--config", plan.folder().resolve("cluster.yaml").toString()));
    command.addAll(List.of("--node-id", node));
    command.addAll(List.of("--state-dir", plan.stateFolder(node).toString()));
    command.addAll(List.of("--data-root", plan.dataFolder(node).toString()));
    command.addAll(arguments);
    Files.createDirectories(plan.nodeFolder(node));
    var builder =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(plan.log(node).toFile()));
    // Its jobs tell by it where they ran.
    builder.environment().put("RINGRIFT_NODE_ID", node);
    builder.environment().putAll(FakeClock.environment(plan.nodeFolder(node)));
    Process former = processes.get(node);
    if (former != null && !asked.contains(former) && fallen.size() < MOST_FALLEN) {
      fallen.add(crash(node, former));
    }
    processes.put(node, builder.start());
  }

  boolean running(String node) {
    Process process = processes.get(node);
    return process != null && process.isAlive();
  }

  /// SIGKILL to all before any is waited for.
  ///
  /// @return those that ended by it: whoever had ended before has crashed
  List<String> kill(List<String> nodes) throws InterruptedException {
    var running = nodes.stream().filter(node -> process(node).isAlive()).toList();
    running.forEach(node -> asked.add(process(node)));
    running.forEach(node -> process(node).destroyForcibly());
    var killed = new ArrayList<String>();
    for (String node : running) {
      if (process(node).waitFor() == KILLED) {
        killed.add(node);
      } else {
        asked.remove(process(node));
      }
    }
    return killed;
  }

  /// SIGTERM, and SIGKILL when that does not end it within the time.
  ///
  /// @return whether it ended by itself
  boolean stop(String node, int seconds) throws InterruptedException {
    Process process = process(node);
    if (process.isAlive()) {
      asked.add(process);
    }
    process.destroy();
    return awaitEnd(node, seconds);
  }

  private boolean awaitEnd(String node, int seconds) throws InterruptedException {
    Process process = process(node);
    if (process.waitFor(seconds, TimeUnit.SECONDS)) {
      return true;
    }
    hung.add("%s had not ended %d s after SIGTERM, and was killed".formatted(node, seconds));
    process.destroyForcibly().waitFor();
    return false;
  }

  void signal(String node, String name) {
    Commands.run("kill", "-" + name, Long.toString(process(node).pid()));
  }

  long pid(String node) {
    return process(node).pid();
  }

  /// Name of the node by process id, of those that run.
  Map<Long, String> pids() {
    var pids = new HashMap<Long, String>();
    processes.forEach(
        (node, process) -> {
          if (process.isAlive()) {
            pids.put(process.pid(), node);
          }
        });
    return pids;
  }

  /// Nodes that ended although nobody asked them to, also those that were started again since.
  List<Crash> crashed() {
    var found = new ArrayList<>(fallen);
    processes.forEach(
        (node, process) -> {
          if (!process.isAlive() && !asked.contains(process)) {
            found.add(crash(node, process));
          }
        });
    return found;
  }

  private Crash crash(String node, Process process) {
    String said;
    try {
      List<String> lines = end(plan.log(node));
      said =
          String.join(" | ", lines.subList(Math.max(0, lines.size() - LINES_SHOWN), lines.size()));
    } catch (IOException e) {
      said = "its log cannot be read: " + e;
    }
    return new Crash(node, process.pid(), "exit code %d: %s".formatted(process.exitValue(), said));
  }

  /// Bytes that are no UTF-8 do not matter.
  private static List<String> end(Path log) throws IOException {
    try (var channel = Files.newByteChannel(log)) {
      channel.position(Math.max(0, channel.size() - BYTES_READ));
      byte[] read = Channels.newInputStream(channel).readNBytes(BYTES_READ);
      return new String(read, StandardCharsets.UTF_8).lines().toList();
    }
  }

  private Process process(String node) {
    Process process = processes.get(node);
    if (process == null) {
      throw new IllegalStateException(node + " was never started");
    }
    return process;
  }

  /// Orderly stop of all that run, then of the jobs that outlive them on purpose.
  ///
  /// @return what is still there, and nodes that no SIGTERM of this run ended, as sentences
  List<String> end(int seconds) throws InterruptedException {
    var running = processes.keySet().stream().filter(this::running).toList();
    running.forEach(node -> asked.add(process(node)));
    running.forEach(this::goOn);
    running.forEach(node -> process(node).destroy());
    for (String node : running) {
      var _ = awaitEnd(node, seconds);
    }
    var jobs = Naming.ours(plan.folder()).toList();
    jobs.forEach(ProcessHandle::destroy);
    for (ProcessHandle job : jobs) {
      try {
        var _ = job.onExit().get(10, TimeUnit.SECONDS);
      } catch (TimeoutException | ExecutionException e) {
        job.destroyForcibly();
      }
    }
    unmount();
    var left = new ArrayList<>(hung);
    Naming.ours(plan.folder())
        .forEach(
            p ->
                left.add(
                    "process %d %s is still there"
                        .formatted(p.pid(), p.info().command().orElse("?"))));
    try {
      Mounts.below(plan.folder()).forEach(mount -> left.add("mount " + mount + " is still there"));
    } catch (IOException e) {
      left.add("mounts that cannot be listed: " + e);
    }
    return left;
  }

  /// A run that broke off may have left it stopped, and then it does not see SIGTERM.
  private void goOn(String node) {
    try {
      signal(node, "CONT");
    } catch (Refusal ended) {
      LOG.warn("{} has just ended: {}", node, ended.text());
    }
  }

  private void unmount() {
    try {
      var _ = Mounts.removeBelow(plan.folder());
    } catch (IOException | UncheckedIOException | Refusal e) {
      LOG.warn("a file system of {} could not be removed: {}", plan.folder(), e.toString());
    }
  }

  /// Everything ends at once.
  @Override
  public void close() {
    synchronized (this) {
      // A run that is torn down from another thread must not bring back what ends here.
      closed = true;
    }
    asked.addAll(processes.values());
    processes.values().forEach(Process::destroyForcibly);
    Naming.ours(plan.folder()).forEach(ProcessHandle::destroyForcibly);
    unmount();
  }
}
