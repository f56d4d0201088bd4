package io.ringrift.chaos.report;

import io.ringrift.chaos.check.Finding;
import io.ringrift.chaos.check.Result;
import io.ringrift.chaos.check.Status;
import java.util.List;
import java.util.Locale;

/// Verdicts as JUnit XML: a suite a run, a test a checker. Undecided is an error, violated a
/// failure, not concerned is skipped. What was not run is a suite of one test with the reason:
/// skipped when it is not for this ground, mode or machine, else an error.
final class JunitFile {
  /// The test that says whether there was a run at all.
  private static final String RUN = "TheRunCouldBeDone";

  private JunitFile() {}

  static String of(List<Judged> all, List<NotRun> notRun) {
    var xml = new StringBuilder("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n");
    all.forEach(judged -> suite(xml, judged));
    notRun.forEach(each -> notRun(xml, each));
    return xml.append("</testsuites>\n").toString();
  }

  private static void notRun(StringBuilder xml, NotRun each) {
    xml.append("  <testsuite name=\"")
        .append(Escape.of(each.name()))
        .append(
            each.excluded()
                ? "\" tests=\"1\" failures=\"0\" errors=\"0\" skipped=\"1\" time=\"0.000\">\n"
                : "\" tests=\"1\" failures=\"0\" errors=\"1\" skipped=\"0\" time=\"0.000\">\n")
        .append(head(each.name(), RUN));
    tag(xml, each.excluded() ? "skipped" : "error", "not run: " + each.reason(), "");
    xml.append("</testcase>\n  </testsuite>\n");
  }

  private static void suite(StringBuilder xml, Judged judged) {
    List<Result> results = judged.verdict().results();
    boolean failed = !judged.verdict().failure().isEmpty();
    xml.append(
        String.format(
            Locale.ROOT,
            "  <testsuite name=\"%s\" tests=\"%d\" failures=\"%d\" errors=\"%d\" skipped=\"%d\""
                + " time=\"%.3f\">%n",
            Escape.of(judged.name()),
            results.size() + 1,
            count(results, Status.VIOLATED),
            count(results, Status.UNDECIDED) + (failed ? 1 : 0),
            count(results, Status.NOT_CONCERNED),
            judged.run().setting().length().toNanos() / 1e9));
    for (Result result : results) {
      test(xml, judged.name(), result);
    }
    xml.append(head(judged.name(), RUN));
    if (failed) {
      tag(xml, "error", "could not run", judged.verdict().failure());
    }
    xml.append("</testcase>\n    <system-out>")
        .append(Escape.of("replay: " + judged.run().setting().replay()))
        .append("</system-out>\n  </testsuite>\n");
  }

  private static long count(List<Result> results, Status status) {
    return results.stream().filter(r -> r.status() == status).count();
  }

  private static String head(String suite, String name) {
    return "    <testcase classname=\"chaos." + Escape.of(suite) + "\" name=\"" + name + "\">";
  }

  private static void test(StringBuilder xml, String suite, Result result) {
    xml.append(head(suite, Escape.of(result.name())));
    switch (result.status()) {
      case KEPT -> {}
      case VIOLATED ->
          tag(
              xml,
              "failure",
              result.source() + ": " + result.evidence(),
              String.join("\n\n", result.findings().stream().map(Finding::text).toList()));
      case UNDECIDED -> tag(xml, "error", "undecided", result.evidence());
      case NOT_CONCERNED -> tag(xml, "skipped", result.evidence(), "");
    }
    xml.append("</testcase>\n");
  }

  private static void tag(StringBuilder xml, String tag, String message, String text) {
    xml.append('<')
        .append(tag)
        .append(" message=\"")
        .append(Escape.of(message))
        .append("\">")
        .append(Escape.of(text))
        .append("</")
        .append(tag)
        .append('>');
  }
}
