package io.ringrift.node.cli;

import com.google.protobuf.Duration;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageOrBuilder;
import com.google.protobuf.Timestamp;
import com.google.protobuf.util.JsonFormat;
import java.io.PrintWriter;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/// Prints answers: aligned tables for people, JSON with the protos' field names for scripts.
final class Printer {
  private static final JsonFormat.Printer JSON =
      JsonFormat.printer().preservingProtoFieldNames().alwaysPrintFieldsWithNoPresence();
  private static final JsonFormat.Printer JSON_LINE = JSON.omittingInsignificantWhitespace();

  private final PrintWriter out;

  Printer(PrintWriter out) {
    this.out = out;
  }

  void line(String text) {
    out.println(text);
    out.flush();
  }

  void text(String text) {
    out.print(text);
    out.flush();
  }

  void json(MessageOrBuilder message) {
    line(render(JSON, message));
  }

  /// A list.
  void json(List<? extends MessageOrBuilder> messages) {
    line(
        messages.stream()
            .map(message -> render(JSON, message))
            .collect(Collectors.joining(",\n", "[", "]")));
  }

  /// One message on one line, for streams.
  void jsonLine(MessageOrBuilder message) {
    line(render(JSON_LINE, message));
  }

  private static String render(JsonFormat.Printer printer, MessageOrBuilder message) {
    try {
      return printer.print(message);
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("an answer cannot be printed as JSON", e);
    }
  }

  /// A table with a header; columns as wide as their widest cell.
  void table(List<String> header, List<List<String>> rows) {
    var all = new ArrayList<List<String>>();
    all.add(header);
    all.addAll(rows);
    int columns = header.size();
    int[] width = new int[columns];
    for (List<String> row : all) {
      for (int i = 0; i < columns; i++) {
        width[i] = Math.max(width[i], row.get(i).length());
      }
    }
    for (List<String> row : all) {
      var line = new StringBuilder();
      for (int i = 0; i < columns; i++) {
        String cell = row.get(i);
        line.append(cell);
        if (i < columns - 1) {
          line.append(" ".repeat(width[i] - cell.length() + 2));
        }
      }
      out.println(line.toString().stripTrailing());
    }
    out.flush();
  }

  /// Name and value pairs, one a line.
  void pairs(List<List<String>> pairs) {
    int width = pairs.stream().mapToInt(p -> p.get(0).length()).max().orElse(0);
    for (List<String> pair : pairs) {
      out.println(pair.get(0) + " ".repeat(width - pair.get(0).length() + 2) + pair.get(1));
    }
    out.flush();
  }

  /// Enum constant without its type's prefix: `JOB_STATE_RUNNING` as `RUNNING`.
  static String state(Enum<?> value) {
    String name = value.name();
    int at = name.indexOf("_STATE_");
    return at >= 0 ? name.substring(at + "_STATE_".length()) : name.replaceFirst("^ROLE_", "");
  }

  static String seconds(Duration duration) {
    return String.format(
        Locale.ROOT, "%.1fs", duration.getSeconds() + duration.getNanos() / 1_000_000_000.0);
  }

  static String time(Timestamp time) {
    if (time.getSeconds() == 0) {
      return "-";
    }
    return Instant.ofEpochSecond(time.getSeconds()).toString();
  }

  static String orDash(String text) {
    return text.isEmpty() ? "-" : text;
  }

  static String bytes(long count) {
    if (count < 1024) {
      return count + " B";
    }
    if (count < 1 << 20) {
      return String.format(Locale.ROOT, "%.1f KiB", count / 1024.0);
    }
    return String.format(Locale.ROOT, "%.1f MiB", count / (1024.0 * 1024));
  }
}
