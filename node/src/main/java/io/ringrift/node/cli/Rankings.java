package io.ringrift.node.cli;

import io.ringrift.placement.v1.RankedNode;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/// Prints the judgement of nodes that `explain` brings.
final class Rankings {
  private Rankings() {}

  static void print(List<RankedNode> nodes, String unblock, Printer printer) {
    if (!nodes.isEmpty()) {
      printer.table(
          List.of("NODE", "FEASIBLE", "SCORE", "TERMS", "REASON", "DETAIL"),
          nodes.stream().map(Rankings::row).toList());
    }
    if (!unblock.isEmpty()) {
      printer.line("to unblock: " + unblock);
    }
  }

  private static List<String> row(RankedNode node) {
    return List.of(
        node.getNodeId(),
        node.getFeasible() ? "yes" : "no",
        String.format(Locale.ROOT, "%.1f", node.getScore()),
        Printer.orDash(
            node.getTermsList().stream()
                .map(t -> String.format(Locale.ROOT, "%s %+.1f", t.getName(), t.getValue()))
                .collect(Collectors.joining(", "))),
        Printer.orDash(node.getReason()),
        Printer.orDash(node.getDetail()));
  }
}
