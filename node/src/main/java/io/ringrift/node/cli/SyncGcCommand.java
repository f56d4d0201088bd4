package io.ringrift.node.cli;

import io.ringrift.node.client.ClusterClient;
import io.ringrift.sync.v1.CollectGarbageRequest;
import io.ringrift.sync.v1.GarbageFile;
import io.ringrift.sync.v1.NodeGarbage;
import io.ringrift.sync.v1.SyncServiceGrpc;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `ringrift sync gc`
@Command(
    name = "gc",
    description = {
      "Removes copies that nobody needs and enough other nodes hold.",
      "With --dry-run: exit 0 nothing would be removed, 1 something, 255 not every node could tell."
    },
    exitCodeOnExecutionException = 255)
final class SyncGcCommand extends Verb {
  private static final long LONG_CALL_MINUTES = 30;
  private static final int UNTOLD = 255;

  @Option(names = "--dry-run", description = "Only tell what would be removed.")
  boolean dryRun;

  @Option(names = "--local", description = "Only the node that is asked.")
  boolean local;

  @Override
  int run(ClusterClient client, Printer printer) {
    var request = CollectGarbageRequest.newBuilder().setDryRun(dryRun).setCluster(!local).build();
    var answer =
        client.callOnce(
            c ->
                SyncServiceGrpc.newBlockingStub(c)
                    .withDeadlineAfter(LONG_CALL_MINUTES, TimeUnit.MINUTES)
                    .collectGarbage(request));
    if (connection.json()) {
      printer.json(answer);
    } else {
      print(answer.getNodesList(), printer);
    }
    if (answer.getNodesList().stream().anyMatch(node -> !node.getError().isEmpty())) {
      return dryRun ? UNTOLD : ExitCodes.FAILED;
    }
    boolean any = answer.getNodesList().stream().anyMatch(node -> node.getRemovedCount() > 0);
    return dryRun && any ? 1 : ExitCodes.OK;
  }

  private void print(List<NodeGarbage> nodes, Printer printer) {
    var rows = new ArrayList<List<String>>();
    for (NodeGarbage node : nodes) {
      node.getRemovedList()
          .forEach(file -> rows.add(row(node, file, dryRun ? "would go" : "removed")));
      node.getKeptList().forEach(file -> rows.add(row(node, file, "stays: " + file.getReason())));
    }
    if (rows.isEmpty()) {
      printer.line("nothing to remove");
    } else {
      printer.table(List.of("NODE", "KIND", "PATH", "SIZE", "CONFIRMED BY", ""), rows);
    }
    nodes.stream()
        .filter(node -> !node.getError().isEmpty())
        .forEach(node -> printer.line("no answer of " + node.getNodeId() + ": " + node.getError()));
  }

  private static List<String> row(NodeGarbage node, GarbageFile file, String what) {
    return List.of(
        node.getNodeId(),
        file.getKind(),
        file.getPath(),
        Printer.bytes(file.getSizeBytes()),
        String.join(",", file.getHolderNodeIdsList()),
        what);
  }
}
