package io.ringrift.benchmarks;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// Runs of several systems at several sizes, printed as two Markdown tables: the figures, and the
/// ratios of medians.
final class Figures {
  private record Row(String system, int size) {}

  private final String operation;
  private final String sizeName;
  private final Map<Row, List<Rates>> runs = new LinkedHashMap<>();

  /// @param operation what is counted, for example "writes"
  /// @param sizeName what the size is, for example "outstanding"
  Figures(String operation, String sizeName) {
    this.operation = operation;
    this.sizeName = sizeName;
  }

  void add(String system, int size, Rates rates) {
    runs.computeIfAbsent(new Row(system, size), _ -> new ArrayList<>()).add(rates);
  }

  void print(PrintWriter out, List<String> ours, List<String> peers) {
    out.printf(
        "%n| %s | %s | per second: min / median / max | p50 ms | p99 ms | server CPU µs each |"
            + " others' CPU, %% of a core |%n|---|---|---|---|---|---|---|%n",
        operation, sizeName);
    runs.forEach((row, list) -> out.println(line(row, list)));
    if (ours.stream().anyMatch(this::measured) && peers.stream().anyMatch(this::measured)) {
      printRatios(out, ours, peers);
    }
    out.flush();
  }

  private static String line(Row row, List<Rates> list) {
    var median = Rates.median(list);
    var rates = list.stream().mapToDouble(Rates::perSecond).summaryStatistics();
    return String.format(
        Locale.ROOT,
        "| %s | %d | %,.0f / **%,.0f** / %,.0f | %.2f | %.1f | %.0f | %.0f |",
        row.system(),
        row.size(),
        rates.getMin(),
        median.perSecond(),
        rates.getMax(),
        median.p50(),
        median.p99(),
        median.serverMicros(),
        list.stream().mapToDouble(Rates::othersPercent).max().orElse(0));
  }

  private void printRatios(PrintWriter out, List<String> ours, List<String> peers) {
    var sizes =
        runs.keySet().stream()
            .filter(row -> ours.contains(row.system()))
            .map(Row::size)
            .distinct()
            .toList();
    out.printf("%n| ratio of median %s", operation);
    sizes.forEach(size -> out.printf(" | %d %s", size, sizeName));
    out.printf(" |%n|---%s|%n", "|---".repeat(sizes.size()));
    for (String own : ours.stream().filter(this::measured).toList()) {
      for (String peer : peers.stream().filter(this::measured).toList()) {
        out.printf("| %s : %s", own, peer);
        sizes.forEach(
            size ->
                out.printf(Locale.ROOT, " | %.2f", perSecond(own, size) / perSecond(peer, size)));
        out.println(" |");
      }
    }
  }

  private boolean measured(String system) {
    return runs.keySet().stream().anyMatch(row -> row.system().equals(system));
  }

  /// The run in the middle; empty when none was measured.
  Optional<Rates> median(String system, int size) {
    return Optional.ofNullable(runs.get(new Row(system, size))).map(Rates::median);
  }

  private double perSecond(String system, int size) {
    return median(system, size).orElseThrow().perSecond();
  }
}
