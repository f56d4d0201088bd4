package io.ringrift.chaos.check;

import io.ringrift.chaos.evidence.AuditRecord;
import io.ringrift.chaos.evidence.FaultBand;
import io.ringrift.chaos.evidence.Part;
import io.ringrift.chaos.evidence.RoleSample;
import io.ringrift.chaos.evidence.RunEvidence;
import io.ringrift.chaos.scenario.FaultKind;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/// While a node runs with other settings of the cluster than the rest, it leads nobody, votes for
/// nobody else, and nobody votes for it, by its own answers and by all audit streams (RELIABILITY
/// C.7.6). Votes of Raft are in no audit; that it was refused is what shows the fault.
final class OddOnesStandAside implements Check {
  private static final String ODD = FaultKind.CONFIG.word();

  @Override
  public String source() {
    return "C.7.6";
  }

  @Override
  public Set<Part> parts() {
    return EnumSet.of(Part.FAULTS, Part.SAMPLES, Part.AUDIT, Part.FINALS);
  }

  @Override
  public Result of(RunEvidence run) {
    List<FaultBand> odd = run.faults().stream().filter(f -> f.name().equals(ODD)).toList();
    if (odd.isEmpty()) {
      return Result.notConcerned(this, "every node had the settings of the rest");
    }
    var findings = new ArrayList<Finding>();
    for (FaultBand fault : odd) {
      run.samples().stream()
          .filter(sample -> sample.leads() && fault.targets().contains(sample.node()))
          .filter(sample -> within(fault, sample.atNanos()))
          .findFirst()
          .ifPresent(sample -> findings.add(leads(fault, sample)));
      run.audit().stream()
          .filter(record -> within(fault, record.atNanos()))
          .filter(record -> counts(fault, record))
          .forEach(record -> findings.add(counted(fault, record)));
    }
    return Audits.whole(
        this, run, Result.of(this, odd.size() + " times a node had other settings", findings));
  }

  private static boolean within(FaultBand fault, long at) {
    return at > fault.fromNanos() + Times.COARSE && at < fault.toNanos() - Times.COARSE;
  }

  /// Its vote for itself changes nothing.
  private static boolean counts(FaultBand fault, AuditRecord record) {
    boolean own = fault.targets().contains(record.node());
    return switch (record.kind()) {
      case "elected" -> own;
      case "vote-granted" -> own != fault.targets().contains(record.detail("to"));
      default -> false;
    };
  }

  private static Finding leads(FaultBand fault, RoleSample sample) {
    return Finding.at(
        "%s says at %s that it leads epoch %d, and has other settings than the rest since %s"
            .formatted(
                sample.node(),
                Times.text(sample.atNanos()),
                sample.epoch(),
                Times.text(fault.fromNanos())),
        sample.atNanos(),
        sample.node());
  }

  private static Finding counted(FaultBand fault, AuditRecord record) {
    return Finding.at(
        "%s writes down %s of epoch %d%s at %s, while %s has other settings than the rest"
            .formatted(
                record.node(),
                record.kind(),
                record.epoch(),
                record.detail("to").isEmpty() ? "" : " for " + record.detail("to"),
                Times.text(record.atNanos()),
                String.join(", ", fault.targets())),
        record.atNanos(),
        record.node());
  }
}
