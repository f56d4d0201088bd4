package io.ringrift.chaos.check;

import io.ringrift.chaos.evidence.FaultBand;
import io.ringrift.chaos.evidence.Part;
import io.ringrift.chaos.evidence.RoleSample;
import io.ringrift.chaos.evidence.RunEvidence;
import io.ringrift.chaos.scenario.FaultKind;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/// While followers are killed that are fewer than half of the voters, the leader leads on in its
/// epoch; and while one direction of one link is cut, elections come to an end: no more offices are
/// taken than there are voters (RELIABILITY M7). Faults at the same time as others are not judged,
/// nor kills meanwhile one of the rest did not answer for more than 0.5 s: a machine that is too
/// busy for that is too busy to renew a lease.
final class SmallLossesUnseatNobody implements Check {
  @Override
  public String source() {
    return "M7";
  }

  @Override
  public Set<Part> parts() {
    return EnumSet.of(Part.FAULTS, Part.SAMPLES, Part.AUDIT);
  }

  @Override
  public boolean gapsAccuse() {
    return true;
  }

  @Override
  public Result of(RunEvidence run) {
    var findings = new ArrayList<Finding>();
    int judged = 0;
    int busy = 0;
    for (FaultBand fault : run.faults()) {
      Optional<RoleSample> before = FollowerLosses.leaderBefore(run, fault);
      if (before.isEmpty() || !FollowerLosses.alone(run, fault)) {
        continue;
      }
      int most = most(run, fault, before.get().node());
      if (most == 0 && FollowerLosses.stoodStill(run, fault, fault.fromNanos(), fault.toNanos())) {
        busy++;
      } else if (most >= 0) {
        judged++;
        Set<Long> taken = taken(run, fault, before.get().epoch());
        if (taken.size() > most) {
          findings.add(unseated(fault, before.get(), taken, most));
        }
      }
    }
    return judged == 0
        ? Result.notConcerned(
            this, busy + " kills of followers while others stood still, and no other small loss")
        : Result.of(this, judged + " small losses", findings);
  }

  /// Most new offices; -1 where this says nothing of the fault.
  private static int most(RunEvidence run, FaultBand fault, String leader) {
    int voters = run.setting().voters().size();
    if (FollowerLosses.small(run, fault, leader)) {
      return 0;
    }
    return Kinds.is(fault, FaultKind.CUT) && fault.targets().size() == 1 ? voters : -1;
  }

  private static Set<Long> taken(RunEvidence run, FaultBand fault, long epoch) {
    var taken = new TreeSet<Long>();
    run.samples().stream()
        .filter(sample -> sample.atNanos() > fault.fromNanos())
        .filter(sample -> sample.atNanos() <= fault.toNanos())
        .filter(sample -> sample.leads() && sample.epoch() > epoch)
        .forEach(sample -> taken.add(sample.epoch()));
    return taken;
  }

  private static Finding unseated(FaultBand fault, RoleSample before, Set<Long> taken, int most) {
    return new Finding(
        "%s led epoch %d, and the epochs %s began during %s of %s from %s to %s; at most %d may"
            .formatted(
                before.node(),
                before.epoch(),
                taken,
                fault.name(),
                String.join(", ", fault.targets()),
                Times.text(fault.fromNanos()),
                Times.text(fault.toNanos()),
                most),
        List.of(),
        List.of(before.node()),
        fault.fromNanos(),
        fault.toNanos());
  }
}
