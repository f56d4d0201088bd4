package io.ringrift.node.cli;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/// What `demo` found, in the shape that scripts read.
///
/// @param problems every promise that did not hold; empty on success
record DemoReport(
    String mode,
    int nodes,
    String leaderBefore,
    String leaderAfter,
    long epochBefore,
    long epochAfter,
    double failoverSeconds,
    int jobsComplete,
    int jobsFailed,
    long games,
    long files,
    long bytes,
    boolean verified,
    double durationSeconds,
    List<String> problems) {
  String toJson() {
    var fields = new LinkedHashMap<String, String>();
    fields.put("mode", quote(mode));
    fields.put("nodes", Integer.toString(nodes));
    fields.put("leader_before", quote(leaderBefore));
    fields.put("leader_after", quote(leaderAfter));
    fields.put("epoch_before", Long.toString(epochBefore));
    fields.put("epoch_after", Long.toString(epochAfter));
    fields.put("failover_seconds", decimal(failoverSeconds));
    fields.put("jobs", "{\"complete\": " + jobsComplete + ", \"failed\": " + jobsFailed + "}");
    fields.put("games", Long.toString(games));
    fields.put("files", Long.toString(files));
    fields.put("bytes", Long.toString(bytes));
    fields.put("verified", Boolean.toString(verified));
    fields.put("duration_seconds", decimal(durationSeconds));
    fields.put(
        "problems",
        problems.stream().map(DemoReport::quote).collect(Collectors.joining(", ", "[", "]")));
    return fields.entrySet().stream()
        .map(DemoReport::member)
        .collect(Collectors.joining(", ", "{", "}"));
  }

  private static String member(Map.Entry<String, String> field) {
    return quote(field.getKey()) + ": " + field.getValue();
  }

  private static String decimal(double value) {
    return String.format(Locale.ROOT, "%.3f", value);
  }

  private static String quote(String text) {
    var out = new StringBuilder("\"");
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"' -> out.append("\\\"");
        case '\\' -> out.append("\\\\");
        case '\n' -> out.append("\\n");
        case '\t' -> out.append("\\t");
        default -> out.append(c < ' ' ? String.format("\\u%04x", (int) c) : String.valueOf(c));
      }
    }
    return out.append('"').toString();
  }
}
