package io.ringrift.node.cli;

import io.ringrift.node.NodeProcess;
import io.ringrift.node.client.ClusterClient;
import io.ringrift.node.config.NodeConfig;
import io.ringrift.node.config.Quantities;
import io.ringrift.placement.v1.ListNodesRequest;
import io.ringrift.placement.v1.NodeView;
import io.ringrift.placement.v1.PlacementServiceGrpc;
import io.ringrift.placement.v1.SetDrainRequest;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `ringrift node` runs a node in the foreground; `node list|status|drain|undrain` ask about nodes.
@Command(
    name = "node",
    description = "Runs a node; with a verb, asks about nodes.",
    subcommands = {
      NodeCommand.ListNodes.class,
      NodeCommand.Status.class,
      NodeChooseCommand.class,
      NodeCommand.Drain.class,
      NodeCommand.Undrain.class
    },
    mixinStandardHelpOptions = true)
final class NodeCommand implements Callable<Integer> {
  private static final Logger LOG = LoggerFactory.getLogger(NodeCommand.class);

  @Spec CommandSpec spec = CommandSpec.create();

  /// Runs the node until it is told to stop.
  @Override
  public Integer call() throws InterruptedException {
    var source = ConfigFlags.source(spec);
    NodeConfig config = source.get();
    config.warnings().forEach(w -> spec.commandLine().getErr().println("warning: " + w));
    var started = new AtomicReference<@Nullable NodeProcess>();
    HangUp.does(() -> reload(started.get()));
    try (var node = NodeProcess.start(config, source)) {
      started.set(node);
      return node.awaitStop();
    }
  }

  /// @param node nothing while it starts: what a signal asks for then is asked too early
  private static void reload(@Nullable NodeProcess node) {
    if (node == null) {
      LOG.warn("SIGHUP came while the node starts; send it again once it is ready");
      return;
    }
    try {
      var _ = node.reload();
    } catch (RuntimeException failure) {
      // It is in the log, which is all that a signal can answer.
    }
  }

  @Command(name = "list", description = "Nodes with load, GPUs and jobs.")
  static final class ListNodes extends Verb {
    @Override
    int run(ClusterClient client, Printer printer) {
      var answer =
          client.call(
              c ->
                  PlacementServiceGrpc.newBlockingStub(c)
                      .listNodes(ListNodesRequest.getDefaultInstance()));
      if (connection.json()) {
        printer.json(answer);
      } else {
        printer.table(
            List.of(
                "NODE",
                "STATE",
                "VOTER",
                "JOBS",
                "CPU",
                "MEM",
                "DISK",
                "GPUS",
                "HEALTHY",
                "CONDITIONS"),
            answer.getNodesList().stream().map(ListNodes::row).toList());
      }
      return ExitCodes.OK;
    }

    static List<String> row(NodeView n) {
      var f = n.getFacts();
      return List.of(
          n.getNodeId(),
          n.getState() + (n.getDraining() ? ",DRAINING" : ""),
          n.getVoter() ? "yes" : "no",
          f.getRunningJobs() + "/" + f.getMaxJobs(),
          percent(f.getCpuPercent()) + " of " + f.getCpuCount(),
          percent(f.getMemoryPercent()),
          percent(f.getDiskPercent()),
          Integer.toString(f.getGpusCount()),
          n.getHealthy() ? "yes" : "no",
          Printer.orDash(String.join(", ", f.getConditionsList())));
    }
  }

  @Command(name = "status", description = "One node in full.")
  static final class Status extends Verb {
    @Parameters(paramLabel = "NODE", description = "Node id.")
    String id = "";

    @Override
    int run(ClusterClient client, Printer printer) {
      var answer =
          client.call(
              c ->
                  PlacementServiceGrpc.newBlockingStub(c)
                      .listNodes(ListNodesRequest.getDefaultInstance()));
      var node = answer.getNodesList().stream().filter(n -> n.getNodeId().equals(id)).findFirst();
      if (node.isEmpty()) {
        spec.commandLine().getErr().println("no node is called " + id + "; see \"node list\"");
        return ExitCodes.NOT_FOUND;
      }
      if (connection.json()) {
        printer.json(node.get());
      } else {
        printer.pairs(describe(node.get()));
      }
      return ExitCodes.OK;
    }

    private static List<List<String>> describe(NodeView n) {
      var f = n.getFacts();
      return List.of(
          List.of("node", n.getNodeId()),
          List.of("state", n.getState() + (n.getDraining() ? ", draining" : "")),
          List.of("version", Printer.orDash(f.getVersion())),
          List.of("cpu", percent(f.getCpuPercent()) + " of " + f.getCpuCount() + " cores"),
          List.of(
              "memory", percent(f.getMemoryPercent()) + " of " + Printer.bytes(f.getMemoryBytes())),
          List.of(
              "disk",
              percent(f.getDiskPercent()) + ", free " + Printer.bytes(f.getDiskFreeBytes())),
          List.of("gpus", f.getGpusCount() == 0 ? "none" : f.getGpusList().toString()),
          List.of("jobs", f.getRunningJobs() + " of " + f.getMaxJobs()),
          List.of("capabilities", String.join(", ", f.getCapabilitiesList())),
          List.of("workloads", String.join(", ", f.getWorkloadsList())),
          List.of("conditions", Printer.orDash(String.join(", ", f.getConditionsList()))),
          List.of("load score", String.format(Locale.ROOT, "%.1f", n.getLoadScore())),
          List.of("files", Long.toString(f.getManifestFiles())));
    }
  }

  @Command(name = "drain", description = "The node takes no new jobs and finishes those it has.")
  static final class Drain extends Verb {
    @Parameters(paramLabel = "NODE", description = "Node id.")
    String id = "";

    @Option(
        names = "--for",
        defaultValue = "",
        paramLabel = "TIME",
        description = "It takes jobs again so much later, 5 s more at most; for example 10m.")
    String lasting = "";

    @Override
    int run(ClusterClient client, Printer printer) {
      var request = SetDrainRequest.newBuilder().setDrain(true);
      if (!lasting.isEmpty()) {
        Duration after = Quantities.duration("--for", lasting);
        request.setLiftedAfter(
            com.google.protobuf.Duration.newBuilder()
                .setSeconds(after.toSeconds())
                .setNanos(after.toNanosPart()));
      }
      return setDrain(this, client, printer, id, request);
    }
  }

  @Command(name = "undrain", description = "The node takes jobs again.")
  static final class Undrain extends Verb {
    @Parameters(paramLabel = "NODE", description = "Node id.")
    String id = "";

    @Override
    int run(ClusterClient client, Printer printer) {
      return setDrain(this, client, printer, id, SetDrainRequest.newBuilder());
    }
  }

  private static int setDrain(
      Verb verb, ClusterClient client, Printer printer, String id, SetDrainRequest.Builder what) {
    var request = what.setRequestId(Verb.requestId("")).setNodeId(id).build();
    var answer = client.call(c -> PlacementServiceGrpc.newBlockingStub(c).setDrain(request));
    if (verb.connection.json()) {
      printer.json(answer);
    } else {
      printer.line(id + (answer.getNode().getDraining() ? " is draining" : " takes jobs"));
    }
    return ExitCodes.OK;
  }

  private static String percent(double value) {
    return String.format(Locale.ROOT, "%.0f %%", value);
  }
}
