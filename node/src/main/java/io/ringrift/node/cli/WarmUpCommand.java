package io.ringrift.node.cli;

import io.ringrift.node.NodeProcess;
import io.ringrift.node.config.ConfigLoader;
import io.ringrift.node.config.Env;
import io.ringrift.node.local.FreePorts;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// Runs a standalone node for a moment and asks it a few things, then two voters by Raft, one of
/// which takes over from the other: the training run of the AOT cache.
@Command(name = "warm-up", description = "Training run of the AOT cache.", hidden = true)
final class WarmUpCommand implements Callable<Integer> {
  @Option(names = "--dir", required = true, description = "Empty folder.")
  @Nullable Path dir;

  @Override
  public Integer call() throws Exception {
    Path folder = Optional.ofNullable(dir).orElseThrow();
    standalone(folder.resolve("standalone"));
    takeOver(folder.resolve("raft"));
    return ExitCodes.OK;
  }

  private static void standalone(Path folder) throws InterruptedException {
    int port = FreePorts.choose(1).getFirst();
    var settings =
        Map.of(
            "port", Integer.toString(port),
            "timing", "local",
            "state_dir", folder.resolve("state").toString(),
            "data_root", folder.resolve("data").toString());
    try (var node =
        NodeProcess.start(ConfigLoader.load(Optional.empty(), new Env(Map.of()), settings))) {
      node.awaitReady();
      ask(port, List.of("cluster", "status"));
      ask(port, List.of("cluster", "members", "-o", "json"));
      ask(port, List.of("queue", "submit", "--payload", "x", "--type", "validation"));
      ask(port, List.of("queue", "list"));
      ask(port, List.of("job", "list"));
      ask(port, List.of("node", "list"));
      ask(port, List.of("sync", "verify"));
      ask(port, List.of("events"));
    }
  }

  /// A successor that loads its classes only when it is needed makes everybody wait.
  private static void takeOver(Path folder) throws IOException, InterruptedException {
    Files.createDirectories(folder);
    Path file = folder.resolve("cluster.yaml");
    List<Integer> ports = FreePorts.choose(4);
    var yaml = new StringBuilder("timing: local\nconsensus_mode: raft\nvoters:\n");
    for (int n = 0; n < 2; n++) {
      yaml.append(
          "  - {id: n%d, host: 127.0.0.1, port: %d, raft_port: %d}\n"
              .formatted(n, ports.get(n), ports.get(n + 2)));
    }
    Files.writeString(file, yaml);
    try (var first = voter(file, 0, ports.getFirst());
        var second = voter(file, 1, ports.get(1))) {
      first.awaitReady();
      second.awaitReady();
      ask(ports.getFirst(), List.of("cluster", "step-down"));
      first.awaitReady();
      second.awaitReady();
      ask(ports.getFirst(), List.of("cluster", "status"));
    }
  }

  private static NodeProcess voter(Path file, int n, int port) {
    Path folder = file.resolveSibling("n" + n);
    var settings =
        Map.of(
            "node_id", "n" + n,
            "port", Integer.toString(port),
            "state_dir", folder.resolve("state").toString(),
            "data_root", folder.resolve("data").toString());
    return NodeProcess.start(ConfigLoader.load(Optional.of(file), new Env(Map.of()), settings));
  }

  private static void ask(int port, List<String> words) {
    var all = new java.util.ArrayList<>(words);
    all.addAll(List.of("--address", "127.0.0.1:" + port));
    Main.run(
        all.toArray(String[]::new),
        new PrintWriter(new StringWriter()),
        new PrintWriter(new StringWriter()));
  }
}
