package io.ringrift.chaos.check;

import io.ringrift.chaos.evidence.Part;
import io.ringrift.chaos.evidence.RoleSample;
import io.ringrift.chaos.evidence.RunEvidence;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.Set;

/// Nobody calls itself leader once another has called itself leader of a later epoch (RELIABILITY
/// E6, C.2). The time of a status call is allowed for. A run with one office shows nothing of it.
final class LeadershipEndsWithItsLease implements Check {
  @Override
  public String source() {
    return "E6, C.2";
  }

  @Override
  public Set<Part> parts() {
    return EnumSet.of(Part.SAMPLES);
  }

  @Override
  public Result of(RunEvidence run) {
    var findings = new ArrayList<Finding>();
    RoleSample newest = null;
    int looked = 0;
    int offices = 0;
    for (RoleSample sample : run.samples()) {
      if (!sample.leads()) {
        continue;
      }
      looked++;
      offices += newest == null || sample.epoch() > newest.epoch() ? 1 : 0;
      if (newest == null || sample.epoch() > newest.epoch()) {
        newest = sample;
      } else if (sample.epoch() < newest.epoch()
          && sample.atNanos() - newest.atNanos() > Times.SLACK) {
        findings.add(
            new Finding(
                "%s calls itself leader of epoch %d at %s, but %s called itself leader of epoch %d at %s"
                    .formatted(
                        sample.node(),
                        sample.epoch(),
                        Times.text(sample.atNanos()),
                        newest.node(),
                        newest.epoch(),
                        Times.text(newest.atNanos())),
                java.util.List.of(),
                java.util.List.of(sample.node(), newest.node()),
                newest.atNanos(),
                sample.atNanos()));
      }
    }
    if (looked == 0) {
      return Result.undecided(this, "no node ever called itself leader");
    }
    return offices < 2
        ? Result.notConcerned(this, "nobody led behind another, so nothing is shown")
        : Result.of(this, looked + " samples of leaders of " + offices + " epochs", findings);
  }
}
