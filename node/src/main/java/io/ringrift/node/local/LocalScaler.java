package io.ringrift.node.local;

import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.managers.watch.Scaler;
import io.ringrift.node.config.NodeConfig;
import io.ringrift.node.config.Origin;
import io.ringrift.node.config.Setting;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Nodes as processes on the leader's machine, that are no voters. Each has a folder below the
/// leader's state folder, with its data, its log and the identity of its process, so that a leader
/// that begins again knows them. They outlive it. One thread.
public final class LocalScaler implements Scaler {
  private static final Logger LOG = LoggerFactory.getLogger(LocalScaler.class);
  private static final long STOP_SECONDS = 20;

  /// What belongs to one node only, or is given to each anew.
  private static final Set<String> OWN =
      Set.of(
          "node_id",
          "port",
          "advertise_host",
          "advertise_port",
          "state_dir",
          "data_root",
          "swim_bind_port",
          "raft_bind_port",
          "scaling.mode",
          "security.token");

  private final NodeConfig config;
  private final Path folder;

  public LocalScaler(NodeConfig config) {
    this.config = config;
    this.folder = config.stateDir().resolve("scaled");
  }

  @Override
  public boolean mayRemove(String nodeId) {
    return nodeId.startsWith(prefix()) && process(nodeId).isPresent();
  }

  @Override
  public void add(int nodes, String key) {
    try {
      for (int i = 0; i < nodes; i++) {
        start(prefix() + next());
      }
    } catch (IOException e) {
      throw new Refusal(Reason.SPAWN_FAILED, "a node could not be started here: " + e, e);
    }
  }

  @Override
  public void remove(String nodeId, String key) {
    Optional<ProcessHandle> process = process(nodeId);
    if (process.isEmpty()) {
      return;
    }
    process.get().destroy();
    try {
      process.get().onExit().get(STOP_SECONDS, TimeUnit.SECONDS);
    } catch (java.util.concurrent.TimeoutException | java.util.concurrent.ExecutionException e) {
      LOG.warn("{} did not end by itself and is killed", nodeId);
      process.get().destroyForcibly();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Refusal(Reason.SHUTTING_DOWN, "interrupted while " + nodeId + " ended", e);
    }
    LOG.info("{} has ended; what it made is kept in {}", nodeId, folder.resolve(nodeId));
  }

  private String prefix() {
    return config.nodeId().value() + "-auto-";
  }

  /// Numbers are not used again: what a node made may still be in its folder.
  private int next() throws IOException {
    Files.createDirectories(folder);
    try (Stream<Path> known = Files.list(folder)) {
      return 1
          + known
              .map(path -> path.getFileName().toString())
              .filter(name -> name.startsWith(prefix()))
              .map(name -> name.substring(prefix().length()))
              .filter(number -> number.matches("[0-9]{1,9}"))
              .mapToInt(Integer::parseInt)
              .max()
              .orElse(0);
    }
  }

  private void start(String nodeId) throws IOException {
    Path own = Files.createDirectories(folder.resolve(nodeId));
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(jvmFlags(ManagementFactory.getRuntimeMXBean().getInputArguments()));
    command.addAll(
        List.of("-cp", System.getProperty("java.class.path"), "io.ringrift.node.cli.Main", "node"));
    command.addAll(arguments(nodeId, own, FreePorts.choose(3)));
    var builder =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(own.resolve("node.log").toFile()));
    config
        .security()
        .token()
        .ifPresent(token -> builder.environment().put("RINGRIFT_SECURITY_TOKEN", token));
    Process process = builder.start();
    String started = process.info().startInstant().map(Instant::toString).orElse("");
    Files.writeString(own.resolve("process"), process.pid() + " " + started);
    LOG.info("{} was started as process {}", nodeId, process.pid());
  }

  /// Heap, collector, caches and access of a JVM like this one; not what opens ports or files.
  static List<String> jvmFlags(List<String> own) {
    return own.stream()
        .filter(flag -> flag.matches("(-XX:|-Xm|-Xs|--).*"))
        .filter(flag -> !flag.matches("-XX:(StartFlightRecording|AOTCacheOutput).*"))
        .toList();
  }

  /// Flags of a node like this one: the same file, and what this one was given beside it.
  List<String> arguments(String nodeId, Path own, List<Integer> ports) {
    var arguments = new ArrayList<String>();
    config
        .scaling()
        .file()
        .ifPresent(file -> arguments.addAll(List.of("--config", file.toAbsolutePath().toString())));
    for (Setting setting : config.settings()) {
      if (setting.origin() == Origin.FLAG && !OWN.contains(setting.name())) {
        arguments.addAll(List.of(flag(setting.name()), setting.value()));
      }
    }
    arguments.addAll(
        List.of(
            "--node-id", nodeId,
            "--state-dir", own.resolve("state").toString(),
            "--data-root", own.resolve("data").toString(),
            "--port", Integer.toString(ports.get(0)),
            "--swim-bind-port", Integer.toString(ports.get(1)),
            "--raft-bind-port", Integer.toString(ports.get(2)),
            "--advertise-host", config.advertise().map(e -> e.host()).orElse("127.0.0.1"),
            "--advertise-port", Integer.toString(ports.get(0))));
    return arguments;
  }

  private static String flag(String name) {
    return "--" + name.replace('.', '-').replace('_', '-');
  }

  /// The running process of a node that was started here; a number that another process has
  /// meanwhile is not it.
  private Optional<ProcessHandle> process(String nodeId) {
    Path file = folder.resolve(nodeId).resolve("process");
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    try {
      String[] words = Files.readString(file).strip().split(" ", 2);
      return ProcessHandle.of(Long.parseLong(words[0]))
          .filter(ProcessHandle::isAlive)
          .filter(
              p ->
                  words.length == 2
                      && p.info()
                          .startInstant()
                          .map(Instant::toString)
                          .orElse("")
                          .equals(words[1]));
    } catch (IOException | NumberFormatException e) {
      LOG.warn("{} cannot be read and its node is left alone: {}", file, e.toString());
      return Optional.empty();
    }
  }
}
