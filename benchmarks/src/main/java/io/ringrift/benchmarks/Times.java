package io.ringrift.benchmarks;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Durations in seconds of several systems at several tasks, printed as one Markdown table: each
/// system's, and how many times as long ours took.
final class Times {
  private final Map<String, Map<String, List<Double>>> byTask = new LinkedHashMap<>();

  void add(String task, String system, double seconds) {
    byTask
        .computeIfAbsent(task, _ -> new LinkedHashMap<>())
        .computeIfAbsent(system, _ -> new ArrayList<>())
        .add(seconds);
  }

  void print(PrintWriter out, List<String> ours, List<String> peers) {
    var systems = new LinkedHashSet<>(ours);
    systems.addAll(peers);
    out.printf("%n| seconds: min / median / max | %s |%n", String.join(" | ", systems));
    out.printf("|---%s|%n", "|---".repeat(systems.size()));
    byTask.forEach(
        (task, all) -> {
          out.print("| " + task);
          systems.forEach(system -> out.print(" | " + figures(all.get(system))));
          out.println(" |");
        });
    out.printf("%n| time of ours to the peer's, medians | %s |%n", String.join(" | ", peers));
    out.printf("|---%s|%n", "|---".repeat(peers.size()));
    byTask.forEach((task, all) -> ours.forEach(own -> printRatios(out, task, own, all, peers)));
    out.flush();
  }

  private static void printRatios(
      PrintWriter out, String task, String own, Map<String, List<Double>> all, List<String> peers) {
    var mine = all.get(own);
    if (mine == null) {
      return;
    }
    out.print("| " + task + ": " + own);
    for (String peer : peers) {
      var theirs = Optional.ofNullable(all.get(peer));
      out.print(
          theirs
              .map(t -> String.format(Locale.ROOT, " | %.2f", median(mine) / median(t)))
              .orElse(" | -"));
    }
    out.println(" |");
  }

  private static String figures(@Nullable List<Double> seconds) {
    if (seconds == null) {
      return "-";
    }
    var all = seconds.stream().mapToDouble(Double::doubleValue).summaryStatistics();
    return String.format(
        Locale.ROOT, "%.2f / **%.2f** / %.2f", all.getMin(), median(seconds), all.getMax());
  }

  static double median(List<Double> values) {
    return values.stream().sorted().toList().get(values.size() / 2);
  }
}
