package io.ringrift.chaos.check;

import io.ringrift.chaos.evidence.FaultBand;
import io.ringrift.chaos.evidence.Part;
import io.ringrift.chaos.evidence.RoleSample;
import io.ringrift.chaos.evidence.RunEvidence;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;

/// When the leader is taken away, some other node says within the bound that it does not lead any
/// more (RELIABILITY M1 for leaders). A fault that ends before the bound proves nothing.
final class FaultsAreDetectedInTime implements Check {
  @Override
  public String source() {
    return "M1";
  }

  @Override
  public Set<Part> parts() {
    return EnumSet.of(Part.FAULTS, Part.SAMPLES);
  }

  @Override
  public boolean gapsAccuse() {
    return true;
  }

  @Override
  public Result of(RunEvidence run) {
    long bound = run.expectations().detectWithin().toNanos();
    List<FaultBand> taking = run.faults().stream().filter(FaultBand::takesLeader).toList();
    if (bound == 0 || taking.isEmpty()) {
      return Result.notConcerned(
          this, bound == 0 ? "the scenario states no bound" : "no fault took a leader away");
    }
    var findings = new ArrayList<Finding>();
    long longest = 0;
    int unseen = 0;
    for (FaultBand fault : taking) {
      OptionalLong seen = seen(run.samples(), fault);
      long took = seen.orElse(Long.MAX_VALUE) - fault.fromNanos();
      boolean lasted =
          fault.toNanos() - fault.fromNanos() >= bound || fault.toNanos() == fault.fromNanos();
      if (took <= bound) {
        longest = Math.max(longest, took);
      } else if (lasted) {
        findings.add(late(fault, seen, bound));
      } else {
        unseen++;
      }
    }
    return Result.of(
        this,
        "%d faults took a leader away; the slowest sight of it took %s, bound %s%s"
            .formatted(
                taking.size(),
                Times.text(longest),
                Times.text(bound),
                unseen == 0 ? "" : "; " + unseen + " ended before the bound"),
        findings);
  }

  /// First answer of another node that named the leader of before and does not any more. One that
  /// did not name it before the fault shows nothing of the fault.
  private static OptionalLong seen(List<RoleSample> samples, FaultBand fault) {
    String leader = "";
    long epoch = 0;
    var named = new HashMap<String, String>();
    for (RoleSample sample : samples) {
      if (sample.atNanos() >= fault.fromNanos()) {
        break;
      }
      if (sample.answered()) {
        named.put(sample.node(), sample.leader());
      }
      if (sample.leads() && sample.epoch() >= epoch) {
        leader = sample.node();
        epoch = sample.epoch();
      }
    }
    String gone = leader;
    return samples.stream()
        .filter(s -> s.atNanos() >= fault.fromNanos() && s.answered())
        .filter(s -> !s.node().equals(gone) && !s.leader().equals(gone))
        .filter(s -> gone.equals(named.get(s.node())))
        .mapToLong(RoleSample::atNanos)
        .findFirst();
  }

  private static Finding late(FaultBand fault, OptionalLong seen, long bound) {
    return new Finding(
        "%s of %s at %s was seen %s, the bound is %s"
            .formatted(
                fault.name(),
                String.join(", ", fault.targets()),
                Times.text(fault.fromNanos()),
                seen.isEmpty()
                    ? "never"
                    : "after " + Times.text(seen.getAsLong() - fault.fromNanos()),
                Times.text(bound)),
        List.of(),
        fault.targets(),
        fault.fromNanos(),
        fault.fromNanos() + bound);
  }
}
