package io.ringrift.node.local;

import io.ringrift.kernel.Endpoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

/// Real node processes on loopback, each with folders and a log of its own. One thread; `close` is
/// for any.
public final class LocalCluster implements AutoCloseable {
  private static final String LOOPBACK = "127.0.0.1";

  private final Path folder;
  private final LocalSetup setup;
  private final Map<String, Endpoint> endpoints = new LinkedHashMap<>();
  private final Map<String, Integer> raftPorts = new HashMap<>();
  private final Map<String, Integer> swimPorts = new HashMap<>();
  private final Map<String, List<String>> flags = new HashMap<>();
  private final Map<String, Process> processes = new ConcurrentSkipListMap<>();

  /// @param ports one per node; free ones are chosen for those left out
  public LocalCluster(Path folder, int nodes, List<Integer> ports, int jobsPerNode)
      throws IOException {
    this(folder, LocalSetup.of(nodes, ports, jobsPerNode));
  }

  public LocalCluster(Path folder, LocalSetup setup) throws IOException {
    this.folder = folder;
    this.setup = setup;
    Files.createDirectories(folder);
    Iterator<Integer> free = FreePorts.choose(3 * setup.voters()).iterator();
    for (int i = 0; i < setup.voters(); i++) {
      String node = "n" + (i + 1);
      int port = i < setup.ports().size() ? setup.ports().get(i) : free.next();
      endpoints.put(node, new Endpoint(LOOPBACK, port));
      raftPorts.put(node, free.next());
      swimPorts.put(node, free.next());
    }
    Files.writeString(configFile(), config());
  }

  /// Adds a node that is no voter; start it by its name.
  ///
  /// @param more flags that this node is always started with
  public void add(String node, String... more) {
    List<Integer> ports = FreePorts.choose(3);
    endpoints.put(node, new Endpoint(LOOPBACK, ports.get(0)));
    swimPorts.put(node, ports.get(1));
    var always = new ArrayList<>(List.of("--raft-bind-port", Integer.toString(ports.get(2))));
    always.addAll(List.of(more));
    flags.put(node, List.copyOf(always));
  }

  public Path folder() {
    return folder;
  }

  public Path configFile() {
    return folder.resolve("cluster.yaml");
  }

  public Path dataRoot(String node) {
    return folder.resolve(node).resolve("data");
  }

  public Path log(String node) {
    return folder.resolve(node).resolve("node.log");
  }

  public List<String> nodes() {
    return List.copyOf(endpoints.keySet());
  }

  public List<Endpoint> addresses() {
    return List.copyOf(endpoints.values());
  }

  public Endpoint address(String node) {
    Endpoint endpoint = endpoints.get(node);
    if (endpoint == null) {
      throw new IllegalStateException("the cluster names an unknown node " + node);
    }
    return endpoint;
  }

  private int swimPort(String node) {
    return Objects.requireNonNull(swimPorts.get(node), node);
  }

  public Path stateFolder(String node) {
    return folder.resolve(node).resolve("state");
  }

  /// Starts a node.
  ///
  /// @param more flags of this start alone
  public void start(String node, String... more) throws IOException {
    var arguments = new ArrayList<String>();
    arguments.addAll(List.of("--config", configFile().toString(), "--node-id", node));
    arguments.addAll(List.of("--state-dir", stateFolder(node).toString()));
    arguments.addAll(List.of("--data-root", dataRoot(node).toString()));
    arguments.addAll(List.of("--port", Integer.toString(address(node).port())));
    arguments.addAll(List.of("--swim-bind-port", Integer.toString(swimPort(node))));
    arguments.addAll(flags.getOrDefault(node, List.of()));
    arguments.addAll(List.of(more));
    Files.createDirectories(folder.resolve(node));
    processes.put(node, launch(arguments, log(node)));
  }

  /// Starts `ringrift node` with these arguments alone. What it prints goes to the end of a file;
  /// the caller ends the process.
  public Process launch(List<String> arguments, Path log) throws IOException {
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(setup.jvmFlags());
    command.addAll(List.of("io.ringrift.node.cli.Main", "node"));
    command.addAll(arguments);
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
        .start();
  }

  /// kill -9 of a node.
  public void kill(String node) throws InterruptedException {
    killAll(List.of(node));
  }

  /// kill -9 of several nodes before any of them is waited for.
  public void killAll(List<String> nodes) throws InterruptedException {
    nodes.forEach(node -> process(node).destroyForcibly());
    for (String node : nodes) {
      process(node).waitFor();
    }
  }

  /// Orderly stop of one node.
  ///
  /// @return whether it ended by itself in time
  public boolean stop(String node, Duration limit) throws InterruptedException {
    Process process = process(node);
    process.destroy();
    return process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS);
  }

  /// Asks a node to end and does not wait for it.
  public void terminate(String node) {
    process(node).destroy();
  }

  public boolean running(String node) {
    Process process = processes.get(node);
    return process != null && process.isAlive();
  }

  public long pid(String node) {
    return process(node).pid();
  }

  /// A node that ended although nobody asked it to, with the end of its log.
  public List<String> crashed() throws IOException {
    var found = new ArrayList<String>();
    for (String node : processes.keySet()) {
      if (!running(node)) {
        List<String> lines = Files.readAllLines(log(node));
        found.add(
            node
                + " ended with exit code "
                + process(node).exitValue()
                + ":\n"
                + String.join("\n", lines.subList(Math.max(0, lines.size() - 12), lines.size())));
      }
    }
    return found;
  }

  /// Orderly stop of all; KILL for those that do not end in time.
  ///
  /// @return whether every node ended by itself
  public boolean stop() throws InterruptedException {
    processes.values().forEach(Process::destroy);
    boolean orderly = true;
    for (Process process : processes.values()) {
      if (!process.waitFor(20, TimeUnit.SECONDS)) {
        orderly = false;
        process.destroyForcibly().waitFor();
      }
    }
    return orderly;
  }

  /// Ends the jobs that go on after their nodes have stopped: TERM, and KILL for those that do not
  /// end within ten seconds.
  public void endJobs() throws InterruptedException {
    List<ProcessHandle> jobs = own().toList();
    jobs.forEach(ProcessHandle::destroy);
    for (ProcessHandle job : jobs) {
      try {
        var _ = job.onExit().get(10, TimeUnit.SECONDS);
      } catch (TimeoutException | ExecutionException e) {
        job.destroyForcibly();
      }
    }
  }

  /// Processes that still mention the cluster's folder although all nodes have stopped.
  public List<String> leftBehind() {
    return own().map(p -> "process " + p.pid() + " was left behind: " + commandLine(p)).toList();
  }

  /// Ends everything at once: nodes, and jobs that would outlive them.
  @Override
  public void close() {
    processes.values().forEach(Process::destroyForcibly);
    own().forEach(ProcessHandle::destroyForcibly);
  }

  /// Jobs outlive their nodes on purpose; their programs and wrappers name the folder. Other
  /// programs that name it, such as a pager on a log, are not ours.
  private Stream<ProcessHandle> own() {
    var callers = new HashSet<ProcessHandle>();
    Optional<ProcessHandle> caller = Optional.of(ProcessHandle.current());
    while (caller.isPresent() && callers.add(caller.get())) {
      caller = caller.get().parent();
    }
    return ProcessHandle.allProcesses()
        .filter(p -> !callers.contains(p))
        .filter(p -> commandLine(p).contains(folder.toString()))
        .filter(p -> p.info().command().filter(LocalCluster::isOurs).isPresent());
  }

  private static boolean isOurs(String program) {
    return program.endsWith("/java") || program.endsWith("sh") || program.endsWith("/setsid");
  }

  private static String commandLine(ProcessHandle process) {
    return process.info().commandLine().orElse("");
  }

  private Process process(String node) {
    Process process = processes.get(node);
    if (process == null) {
      throw new IllegalStateException(node + " was never started");
    }
    return process;
  }

  private String config() {
    var yaml = new StringBuilder();
    yaml.append("# Voters on one machine; see docs/OPERATING.md for every setting.\n");
    yaml.append("cluster_id: demo\ntiming: ").append(setup.timing()).append("\nvoters:\n");
    endpoints.forEach(
        (node, endpoint) ->
            yaml.append("  - {id: ")
                .append(node)
                .append(", host: ")
                .append(endpoint.host())
                .append(", port: ")
                .append(endpoint.port())
                .append(", raft_port: ")
                .append(raftPorts.get(node))
                .append(", swim_port: ")
                .append(swimPort(node))
                .append("}\n"));
    yaml.append("jobs: {max_jobs: ").append(setup.jobsPerNode()).append("}\n");
    yaml.append("sync: {interval: 2s, replication_target: ").append(setup.voters()).append("}\n");
    return yaml.append(setup.moreConfig()).toString();
  }
}
