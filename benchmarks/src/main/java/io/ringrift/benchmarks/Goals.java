package io.ringrift.benchmarks;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// Goals beside what was measured, printed as one Markdown table. What was not measured has no line
/// or, as `NaN`, is missed. One thread.
public final class Goals {
  private final List<String> lines = new ArrayList<>();

  /// A goal that more is better for.
  ///
  /// @param what the goal's number and what it is about
  public Goals atLeast(String what, String system, double measured, double goal) {
    return add(what, system, measured, "≥", goal, measured >= goal);
  }

  /// A goal that less is better for.
  ///
  /// @param what the goal's number and what it is about
  public Goals atMost(String what, String system, double measured, double goal) {
    return add(what, system, measured, "≤", goal, measured <= goal);
  }

  private Goals add(
      String what, String system, double measured, String bound, double goal, boolean kept) {
    lines.add(
        String.format(
            Locale.ROOT,
            "| %s | %s | %s | %s %s | %.2f | %s |",
            what,
            system,
            number(measured),
            bound,
            number(goal),
            measured / goal,
            kept ? "kept" : "missed"));
    return this;
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, value < 100 ? "%.2f" : "%,.0f", value);
  }

  public void print(PrintWriter out) {
    if (lines.isEmpty()) {
      return;
    }
    out.printf(
        "%n| goal | of | measured | goal | measured / goal | |%n|---|---|---|---|---|---|%n");
    lines.forEach(out::println);
    out.flush();
  }
}
