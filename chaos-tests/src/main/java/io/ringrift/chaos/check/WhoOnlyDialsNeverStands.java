package io.ringrift.chaos.check;

import io.ringrift.chaos.evidence.AuditRecord;
import io.ringrift.chaos.evidence.Part;
import io.ringrift.chaos.evidence.RoleSample;
import io.ringrift.chaos.evidence.RunEvidence;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/// A node beside the voters never stands for an office, never votes and never leads, by what it
/// says of itself and by every audit stream (RELIABILITY E5).
final class WhoOnlyDialsNeverStands implements Check {
  private static final Set<String> STANDS = Set.of(RoleSample.LEADER, "CANDIDATE");

  private static final String VOTE = "vote-granted";

  /// Only voters write these down of themselves.
  private static final Set<String> OF_VOTERS = Set.of("elected", VOTE);

  @Override
  public String source() {
    return "E5";
  }

  @Override
  public Set<Part> parts() {
    return EnumSet.of(Part.SAMPLES, Part.AUDIT);
  }

  @Override
  public Result of(RunEvidence run) {
    List<String> beside =
        run.setting().nodes().stream()
            .filter(node -> !run.setting().voters().contains(node))
            .toList();
    if (beside.isEmpty()) {
      return Result.notConcerned(this, "every node votes");
    }
    var findings = new ArrayList<Finding>();
    long told = 0;
    for (RoleSample sample : run.samples()) {
      boolean own = beside.contains(sample.node()) && sample.answered();
      told += own ? 1 : 0;
      if (own && STANDS.contains(sample.role())) {
        findings.add(found(sample.node(), "calls itself " + sample.role(), sample.atNanos()));
      }
    }
    for (AuditRecord record : run.audit()) {
      if (beside.contains(record.node()) && OF_VOTERS.contains(record.kind())) {
        findings.add(found(record.node(), "writes down " + record.kind(), record.atNanos()));
      } else if (record.kind().equals(VOTE) && beside.contains(record.detail("to"))) {
        findings.add(
            found(record.detail("to"), "is voted for by " + record.node(), record.atNanos()));
      }
    }
    return told == 0 && findings.isEmpty()
        ? Result.undecided(this, "none of " + String.join(", ", beside) + " told its role")
        : Result.of(this, told + " answers of " + String.join(", ", beside), findings);
  }

  private static Finding found(String node, String what, long at) {
    return Finding.at(
        "%s %s at %s and is no voter".formatted(node, what, Times.text(at)), at, node);
  }
}
