package io.ringrift.chaos.report;

import io.ringrift.chaos.check.Finding;
import io.ringrift.chaos.check.Result;
import io.ringrift.chaos.evidence.FaultBand;
import io.ringrift.chaos.evidence.NodeFinal;
import io.ringrift.chaos.evidence.RunEvidence;
import java.util.List;

/// The page of one run.
final class RunPage {
  private final Judged judged;
  private final RunEvidence run;
  private final StringBuilder body = new StringBuilder();

  private RunPage(Judged judged) {
    this.judged = judged;
    this.run = judged.run();
  }

  static String of(Judged judged) {
    var page = new RunPage(judged);
    page.top();
    page.timeline();
    page.checkers();
    page.beliefs();
    page.faults();
    page.finals();
    page.lists();
    return Html.page(
        "Chaos: " + judged.run().setting().scenario() + ", " + judged.verdict().word(),
        page.body.toString());
  }

  private void top() {
    var setting = run.setting();
    body.append("<h1>")
        .append(Escape.of(setting.scenario()))
        .append(' ')
        .append(Html.tag(judged.verdict().word()))
        .append("</h1>\n<p>")
        .append(Escape.of(setting.description()))
        .append("</p>\n<p class=\"soft\">")
        .append(
            Escape.of(
                "ground %s, membership %s, consensus %s, %d nodes, %d voters, seed %d, took %s"
                    .formatted(
                        setting.ground(),
                        setting.membership(),
                        setting.consensus(),
                        setting.nodes().size(),
                        setting.voters().size(),
                        setting.seed(),
                        Html.seconds(setting.length().toNanos()))))
        .append("</p>\n");
    if (!run.failure().isEmpty()) {
      body.append("<p>Could not run: ").append(Escape.of(run.failure())).append("</p>\n");
    }
    body.append("<pre>").append(Escape.of(setting.replay())).append("</pre>\n");
  }

  private void timeline() {
    if (run.samples().isEmpty() && run.faults().isEmpty() && run.history().operations().isEmpty()) {
      return;
    }
    body.append("<h2>Timeline</h2>\n<p class=\"key soft\">");
    for (String word :
        List.of("leader", "follower", "candidate", "observer", "down", "ok", "fail", "unknown")) {
      body.append("<span><i style=\"background:var(--")
          .append(word)
          .append(")\"></i>")
          .append(word)
          .append("</span>");
    }
    body.append(
            "<span><i style=\"background:var(--bad)\"></i>violation, or a node that ended by"
                + " itself</span></p>\n")
        .append("<p class=\"soft\">e1, e2, … are epochs. Point at anything to read more.</p>\n")
        .append("<div class=\"scroll\">")
        .append(Chart.of(judged))
        .append("</div>\n");
  }

  private void checkers() {
    body.append("<h2>Invariants</h2>\n<div class=\"scroll\"><table class=\"checks\">\n")
        .append(Html.head("Invariant", "Source", "Result", "Evidence"));
    for (Result result : judged.verdict().results()) {
      boolean found = !result.findings().isEmpty();
      body.append(found ? "<tr class=\"told\">" : "<tr>")
          .append("<td class=\"fit\">")
          .append(Escape.of(result.name()))
          .append("</td><td class=\"fit soft\">")
          .append(Escape.of(result.source()))
          .append("</td><td class=\"fit\">")
          .append(Html.tag(result.status()))
          .append("</td><td>")
          .append(Escape.of(result.evidence()))
          .append("</td></tr>\n");
      if (found) {
        findings(result);
      }
    }
    body.append("</table></div>\n");
  }

  /// Over the whole width: they are long.
  private void findings(Result result) {
    body.append("<tr class=\"findings\"><td colspan=\"4\">");
    for (Finding finding : result.findings()) {
      body.append("<pre>").append(Escape.of(finding.text())).append("</pre>");
    }
    body.append("</td></tr>\n");
  }

  /// Nothing where nobody was asked, as in a simulation: "at no time" would be made up.
  private void beliefs() {
    if (run.samples().isEmpty()) {
      return;
    }
    Beliefs.Told told = Beliefs.of(run);
    body.append("<h2>Who believed what</h2>\n<p class=\"soft\">")
        .append(
            told.split()
                ? "Answers to who leads differed for a time; red begins a difference, green ends"
                    + " it."
                : "At no time did two nodes name different leaders.")
        .append("</p>\n<ol class=\"steps\">\n");
    for (Beliefs.Step step : told.steps()) {
      body.append("<li class=\"")
          .append(step.kind())
          .append("\"><time>")
          .append(Html.seconds(step.atNanos()))
          .append("</time>")
          .append(Escape.of(step.text()))
          .append("</li>\n");
    }
    body.append("</ol>\n");
  }

  private void faults() {
    if (run.faults().isEmpty()) {
      return;
    }
    body.append("<h2>Faults</h2>\n<div class=\"scroll\"><table>\n")
        .append(Html.head("Fault", "Of", "From", "To", "Shown by"));
    for (FaultBand fault : run.faults()) {
      body.append(
          Html.row(
              fault.name(),
              String.join(", ", fault.targets()),
              Html.seconds(fault.fromNanos()),
              Html.seconds(fault.toNanos()),
              fault.effect()));
    }
    body.append("</table></div>\n");
  }

  private void finals() {
    if (run.finals().isEmpty()) {
      return;
    }
    body.append("<h2>Final states</h2>\n<div class=\"scroll\"><table>\n")
        .append(Html.head("Node", "Log", "Applied", "State", "Items", "Files", "Problem"));
    for (NodeFinal node : run.finals()) {
      body.append(
          Html.row(
              node.node(),
              node.log(),
              Long.toString(node.appliedIndex()),
              node.stateHash(),
              node.itemsTold() ? Integer.toString(node.items().size()) : "not told",
              Integer.toString(node.files().size()),
              node.problem()));
    }
    body.append("</table></div>\n");
  }

  private void lists() {
    list("Notes", run.notes());
    list("Left behind", run.leftovers());
  }

  private void list(String title, List<String> lines) {
    if (lines.isEmpty()) {
      return;
    }
    body.append("<h2>").append(title).append("</h2>\n<ul>\n");
    lines.forEach(
        line -> {
          String text = Escape.of(line);
          String told = line.contains("\n") ? "<pre>" + text + "</pre>" : text;
          body.append("<li>").append(told).append("</li>\n");
        });
    body.append("</ul>\n");
  }
}
