package io.ringrift.chaos.check;

import io.ringrift.chaos.evidence.NodeEvent;
import io.ringrift.chaos.evidence.NodeFinal;
import io.ringrift.chaos.evidence.Part;
import io.ringrift.chaos.evidence.RoleSample;
import io.ringrift.chaos.evidence.RunEvidence;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Every node that the run did not itself leave down answers at the end, and none ended by itself
/// (RELIABILITY M7). A cluster that lost a node for good works on, and has one fault less to give.
final class EveryNodeComesBack implements Check {
  /// A node that was silent for less at the end may be late for the last question alone.
  private static final long SILENT = Duration.ofSeconds(5).toNanos();

  @Override
  public String source() {
    return "M7";
  }

  @Override
  public Set<Part> parts() {
    return EnumSet.of(Part.FINALS, Part.SAMPLES, Part.EVENTS);
  }

  @Override
  public boolean gapsAccuse() {
    return true;
  }

  /// In a run that broke off a node may be silent since it had no time to start.
  @Override
  public Result of(RunEvidence run) {
    var findings = new ArrayList<Finding>();
    endedByThemselves(run, findings);
    if (!run.failure().isEmpty() && findings.isEmpty()) {
      return Result.undecided(this, "the run broke off");
    }
    Map<String, NodeFinal> finals = new HashMap<>();
    run.finals().forEach(node -> finals.put(node.node(), node));
    Map<String, RoleSample> samples = new HashMap<>();
    run.samples().forEach(sample -> samples.put(sample.node(), sample));
    Set<String> down = Ends.leftDown(run);
    var unasked = new ArrayList<String>();
    for (String node : run.setting().nodes()) {
      NodeFinal last = finals.get(node);
      RoleSample sample = samples.get(node);
      if (down.contains(node)) {
        continue;
      }
      if (last != null) {
        if (!last.answered()) {
          findings.add(silent(node, last.problem(), run));
        }
      } else if (sample != null) {
        long since = run.setting().length().toNanos() - sample.atNanos();
        if (!sample.answered() && since >= SILENT) {
          findings.add(silent(node, "silent since " + Times.text(sample.atNanos()), run));
        }
      } else if (run.setting().voters().contains(node)) {
        unasked.add(node);
      }
    }
    return findings.isEmpty() && !unasked.isEmpty()
        ? Result.undecided(this, "nobody asked " + String.join(", ", unasked))
        : Result.of(
            this, run.setting().nodes().size() + " nodes, left down: " + down.size(), findings);
  }

  private static Finding silent(String node, String why, RunEvidence run) {
    return Finding.at(
        node + " does not answer at the end: " + why, run.setting().length().toNanos(), node);
  }

  private static void endedByThemselves(RunEvidence run, List<Finding> findings) {
    Map<String, String> before = new HashMap<>();
    for (NodeEvent event : run.events()) {
      if (event.kind().equals("EXITED")
          && !Ends.TAKEN.contains(before.getOrDefault(event.node(), ""))) {
        findings.add(
            Finding.at(
                "%s ended by itself at %s: %s"
                    .formatted(event.node(), Times.text(event.atNanos()), event.detail()),
                event.atNanos(),
                event.node()));
      }
      if (Ends.PROCESS.contains(event.kind())) {
        before.put(event.node(), event.kind());
      }
    }
  }
}
