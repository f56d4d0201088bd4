package io.ringrift.node.cli;

import io.ringrift.node.client.ClusterClient;
import io.ringrift.placement.v1.ChooseNodesRequest;
import io.ringrift.placement.v1.PlacementServiceGrpc;
import io.ringrift.placement.v1.RankedNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `ringrift node choose …`: where a task would go, and why not elsewhere.
@Command(
    name = "choose",
    description = "Where a task would go, and why not elsewhere; exit 1 if nowhere.")
final class NodeChooseCommand extends Verb {
  @Parameters(
      paramLabel = "TASK",
      description = "training, training_primaries, gpus, cpus, gauntlet, export or selfplay.")
  String task = "";

  @Option(names = "--engine-mode", defaultValue = "", description = "Of selfplay.")
  String mode = "";

  @Option(names = "--count", defaultValue = "0", description = "Most nodes; 0 for what is usual.")
  int count;

  @Option(names = "--exclude", split = ",", description = "Not these nodes.")
  List<String> excluded = new ArrayList<>();

  @Override
  int run(ClusterClient client, Printer printer) {
    var request =
        ChooseNodesRequest.newBuilder()
            .setTask(task)
            .setEngineMode(mode)
            .setCount(count)
            .addAllExcludedNodeIds(excluded)
            .build();
    var answer = client.call(c -> PlacementServiceGrpc.newBlockingStub(c).chooseNodes(request));
    if (connection.json()) {
      printer.json(answer);
    } else {
      printer.table(
          List.of("NODE", "CHOSEN", "SCORE", "WHY NOT"),
          answer.getNodesList().stream()
              .map(node -> row(node, answer.getChosenList().contains(node.getNodeId())))
              .toList());
    }
    return answer.getChosenCount() > 0 ? ExitCodes.OK : ExitCodes.FAILED;
  }

  private static List<String> row(RankedNode node, boolean chosen) {
    return List.of(
        node.getNodeId(),
        chosen ? "yes" : "no",
        String.format(Locale.ROOT, "%.1f", node.getScore()),
        node.getFeasible() ? "-" : node.getReason() + ": " + node.getDetail());
  }
}
