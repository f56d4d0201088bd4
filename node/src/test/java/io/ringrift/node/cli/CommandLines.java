package io.ringrift.node.cli;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;

/// Runs the command line inside the test's process.
public final class CommandLines {
  /// What a command printed, and its exit code.
  public record Result(int code, String out, String err) {}

  private CommandLines() {}

  /// Runs one command against the node at `address`.
  public static Result run(String address, String... words) {
    var all = new ArrayList<>(List.of(words));
    all.addAll(List.of("--address", address));
    var out = new StringWriter();
    var err = new StringWriter();
    int code =
        Main.run(
            all.toArray(String[]::new), new PrintWriter(out, true), new PrintWriter(err, true));
    return new Result(code, out.toString(), err.toString());
  }
}
