package io.ringrift.chaos.check;

import io.ringrift.chaos.evidence.AuditRecord;
import io.ringrift.chaos.evidence.Part;
import io.ringrift.chaos.evidence.RoleSample;
import io.ringrift.chaos.evidence.RunEvidence;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/// No two nodes are ever named as leaders of one epoch, by whomever and whenever (RELIABILITY E1),
/// and only voters lead (E5).
final class OneLeaderPerEpoch implements Check {
  /// Who named a leader first.
  private record Named(String leader, String by, long atNanos) {}

  @Override
  public String source() {
    return "E1, E5";
  }

  @Override
  public Set<Part> parts() {
    return EnumSet.of(Part.SAMPLES, Part.AUDIT, Part.FAULTS);
  }

  @Override
  public Result of(RunEvidence run) {
    var leaders = new TreeMap<Long, Named>();
    var findings = new ArrayList<Finding>();
    for (RoleSample sample : run.samples()) {
      if (sample.leads()) {
        name(
            leaders,
            findings,
            sample.epoch(),
            new Named(sample.node(), sample.node(), sample.atNanos()));
      }
      if (sample.answered() && !sample.leader().isEmpty()) {
        name(
            leaders,
            findings,
            sample.epoch(),
            new Named(sample.leader(), sample.node(), sample.atNanos()));
      }
    }
    for (AuditRecord record : run.audit()) {
      if (record.kind().equals("elected")) {
        name(
            leaders,
            findings,
            record.epoch(),
            new Named(record.node(), "its audit", record.atNanos()));
      }
    }
    if (leaders.isEmpty()) {
      return Result.undecided(this, "no sample and no record of a node names a leader");
    }
    findings.addAll(strangers(run));
    return Result.of(
        this,
        run.samples().size()
            + " samples, epochs "
            + leaders.firstKey()
            + " to "
            + leaders.lastKey(),
        findings);
  }

  private static void name(
      Map<Long, Named> leaders, List<Finding> findings, long epoch, Named named) {
    Named first = leaders.putIfAbsent(epoch, named);
    if (first == null || first.leader().equals(named.leader())) {
      return;
    }
    findings.add(
        new Finding(
            "epoch %d has two leaders: %s by the word of %s at %s, %s by the word of %s at %s"
                .formatted(
                    epoch,
                    first.leader(),
                    first.by(),
                    Times.text(first.atNanos()),
                    named.leader(),
                    named.by(),
                    Times.text(named.atNanos())),
            List.of(),
            List.of(first.leader(), named.leader()),
            first.atNanos(),
            named.atNanos()));
  }

  /// Who is named and never was a voter, and who leads by its own word when it is none.
  private static List<Finding> strangers(RunEvidence run) {
    var first = new TreeMap<String, Finding>();
    if (run.setting().voters().isEmpty()) {
      return List.of();
    }
    for (RoleSample sample : run.samples()) {
      boolean told = sample.answered() && !sample.leader().isEmpty();
      // One that is taken out may be remembered for a while.
      if (told && (sample.leads() || !run.setting().voters().contains(sample.leader()))) {
        stranger(run, sample.leader(), sample.epoch(), sample.node(), sample.atNanos())
            .ifPresent(found -> first.putIfAbsent(found.text(), found));
      }
    }
    for (AuditRecord record : run.audit()) {
      if (record.kind().equals("elected")) {
        stranger(run, record.node(), record.epoch(), "its audit", record.atNanos())
            .ifPresent(found -> first.putIfAbsent(found.text(), found));
      }
    }
    return List.copyOf(first.values());
  }

  private static Optional<Finding> stranger(
      RunEvidence run, String leader, long epoch, String by, long at) {
    return VotersInForce.mayLead(run, leader, at)
        ? Optional.empty()
        : Optional.of(
            Finding.at(
                "%s leads epoch %d by the word of %s at %s and is no voter"
                    .formatted(leader, epoch, by, Times.text(at)),
                at,
                leader));
  }
}
