package io.ringrift.chaos.check;

import io.ringrift.chaos.evidence.NodeEvent;
import io.ringrift.chaos.evidence.Part;
import io.ringrift.chaos.evidence.RoleSample;
import io.ringrift.chaos.evidence.RunEvidence;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// What one node says of the epoch never falls, over restarts too (RELIABILITY E2). A node whose
/// folder the run wiped or replaced starts anew. A node that knows no epoch says nothing, and one
/// that said it once shows nothing.
final class EpochsNeverFall implements Check {
  static final Set<String> ANEW = Set.of("WIPED", "RESTORED");

  @Override
  public String source() {
    return "E2";
  }

  @Override
  public Set<Part> parts() {
    return EnumSet.of(Part.SAMPLES, Part.EVENTS);
  }

  @Override
  public boolean gapsAccuse() {
    return true;
  }

  @Override
  public Result of(RunEvidence run) {
    var greatest = new HashMap<String, RoleSample>();
    var findings = new ArrayList<Finding>();
    var forgotten = new HashSet<NodeEvent>();
    List<NodeEvent> anew = run.events().stream().filter(e -> ANEW.contains(e.kind())).toList();
    int looked = 0;
    int compared = 0;
    for (RoleSample sample : run.samples()) {
      for (NodeEvent event : anew) {
        if (event.node().equals(sample.node())
            && event.atNanos() <= sample.atNanos()
            && forgotten.add(event)) {
          greatest.remove(event.node());
        }
      }
      if (!sample.answered() || sample.epoch() == 0) {
        continue;
      }
      looked++;
      RoleSample before = greatest.get(sample.node());
      compared += before == null ? 0 : 1;
      if (before == null || before.epoch() <= sample.epoch()) {
        greatest.put(sample.node(), sample);
      } else {
        findings.add(fell(before, sample));
      }
    }
    if (looked == 0) {
      return Result.undecided(this, "no sample names an epoch");
    }
    return compared == 0
        ? Result.notConcerned(this, "no node told an epoch twice")
        : Result.of(this, looked + " samples of " + greatest.size() + " nodes", findings);
  }

  private static Finding fell(RoleSample before, RoleSample now) {
    return new Finding(
        "%s knew epoch %d at %s and epoch %d at %s"
            .formatted(
                now.node(),
                before.epoch(),
                Times.text(before.atNanos()),
                now.epoch(),
                Times.text(now.atNanos())),
        List.of(),
        List.of(now.node()),
        before.atNanos(),
        now.atNanos());
  }
}
