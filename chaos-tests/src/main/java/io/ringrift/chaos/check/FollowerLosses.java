package io.ringrift.chaos.check;

import io.ringrift.chaos.evidence.AuditRecord;
import io.ringrift.chaos.evidence.FaultBand;
import io.ringrift.chaos.evidence.RoleSample;
import io.ringrift.chaos.evidence.RunEvidence;
import io.ringrift.chaos.scenario.FaultKind;
import java.util.Comparator;
import java.util.Optional;

/// Kills of followers, and what else goes on meanwhile. Reads faults, role samples and audit.
final class FollowerLosses {
  private FollowerLosses() {}

  /// Who led before the fault, in the greatest epoch.
  static Optional<RoleSample> leaderBefore(RunEvidence run, FaultBand fault) {
    return run.samples().stream()
        .filter(sample -> sample.leads() && sample.atNanos() <= fault.fromNanos())
        .max(Comparator.comparingLong(RoleSample::epoch));
  }

  /// Whether it kills fewer nodes than half of the voters, and not the leader, nor who came to lead
  /// just before by its own audit, which nobody may have seen yet.
  static boolean small(RunEvidence run, FaultBand fault, String leader) {
    return Kinds.is(fault, FaultKind.KILL)
        && !fault.targets().contains(leader)
        && !newest(run, fault).map(fault.targets()::contains).orElse(false)
        && 2 * fault.targets().size() < run.setting().voters().size();
  }

  private static Optional<String> newest(RunEvidence run, FaultBand fault) {
    return Audits.of(run, "elected")
        .filter(elected -> elected.atNanos() <= fault.fromNanos())
        .max(Comparator.comparingLong(AuditRecord::epoch))
        .map(AuditRecord::node);
  }

  static boolean alone(RunEvidence run, FaultBand fault) {
    return run.faults().stream()
        .allMatch(
            other ->
                other.equals(fault)
                    || other.toNanos() < fault.fromNanos()
                    || other.fromNanos() > fault.toNanos());
  }

  /// Whether a voter that is not struck did not answer for more than 0.5 s: a machine that is too
  /// busy for that is too busy to renew a lease.
  static boolean stoodStill(RunEvidence run, FaultBand fault, long from, long to) {
    return run.setting().voters().stream()
        .filter(voter -> !fault.targets().contains(voter))
        .map(voter -> Stillness.ofRoles(run, sample -> sample.node().equals(voter)))
        .anyMatch(still -> still.within(from, to) > 0);
  }
}
