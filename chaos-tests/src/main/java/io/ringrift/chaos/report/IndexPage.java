package io.ringrift.chaos.report;

import io.ringrift.chaos.check.Status;
import java.util.List;
import java.util.stream.Collectors;

/// A table of runs with links to their pages, and of what was not run.
final class IndexPage {
  private IndexPage() {}

  static String of(List<Judged> all, List<NotRun> notRun) {
    var body = new StringBuilder("<h1>Chaos runs</h1>\n<p class=\"soft\">");
    body.append(
        all.stream()
            .collect(
                Collectors.groupingBy(
                    j -> j.verdict().word(), java.util.TreeMap::new, Collectors.counting()))
            .entrySet()
            .stream()
            .map(e -> e.getValue() + " " + Escape.of(e.getKey()))
            .collect(Collectors.joining(", ")));
    if (!notRun.isEmpty()) {
      body.append(all.isEmpty() ? "" : ", ").append(notRun.size()).append(" not run");
    }
    body.append("</p>\n<div class=\"scroll\"><table>\n")
        .append(
            Html.head(
                "Scenario",
                "Ground",
                "Membership",
                "Consensus",
                "Seed",
                "Took",
                "Verdict",
                "What"));
    all.forEach(judged -> row(body, judged));
    notRun.forEach(each -> row(body, each));
    return Html.page("Chaos runs", body.append("</table></div>\n").toString());
  }

  private static void row(StringBuilder body, NotRun each) {
    body.append("<tr>");
    for (String cell :
        List.of(
            each.scenario(),
            each.ground(),
            each.membership(),
            each.consensus(),
            Long.toString(each.seed()),
            "")) {
      body.append("<td>").append(Escape.of(cell)).append("</td>");
    }
    body.append("<td class=\"fit\">")
        .append(Html.tag("not run"))
        .append("</td><td>")
        .append(Escape.of(each.reason()))
        .append("</td></tr>\n");
  }

  private static void row(StringBuilder body, Judged judged) {
    var setting = judged.run().setting();
    String what =
        judged.verdict().failure()
            + judged.verdict().results().stream()
                .filter(r -> r.status() == Status.VIOLATED || r.status() == Status.UNDECIDED)
                .map(r -> r.name())
                .collect(Collectors.joining(", "));
    body.append("<tr><td><a href=\"")
        .append(Escape.of(judged.name()))
        .append(".html\">")
        .append(Escape.of(setting.scenario()))
        .append("</a></td>");
    for (String cell :
        List.of(
            setting.ground(),
            setting.membership(),
            setting.consensus(),
            Long.toString(setting.seed()),
            Html.seconds(setting.length().toNanos()))) {
      body.append("<td>").append(Escape.of(cell)).append("</td>");
    }
    body.append("<td class=\"fit\">")
        .append(Html.tag(judged.verdict().word()))
        .append("</td><td>")
        .append(Escape.of(what))
        .append("</td></tr>\n");
  }
}
