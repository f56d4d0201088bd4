package io.ringrift.node.cli;

import io.ringrift.node.NodeProcess;
import io.ringrift.node.config.ConfigLoader;
import io.ringrift.node.config.Env;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// Runs a standalone node for a moment and asks it a few things: the training run of the AOT cache.
@Command(name = "warm-up", description = "Training run of the AOT cache.", hidden = true)
final class WarmUpCommand implements Callable<Integer> {
  @Option(names = "--dir", required = true, description = "Empty folder.")
  @Nullable Path dir;

  @Override
  public Integer call() throws Exception {
    Path folder = Optional.ofNullable(dir).orElseThrow();
    int port;
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = socket.getLocalPort();
    }
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
    return ExitCodes.OK;
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
