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
/// more; and every voter that hears nothing of another, not even through a third, holds it for dead
/// within the bound for members (RELIABILITY M1). A fault that ends before its bound proves
/// nothing.
final class FaultsAreDetectedInTime implements Check {
  @Override
  public String source() {
    return "M1";
  }

  @Override
  public Set<Part> parts() {
    return EnumSet.of(Part.FAULTS, Part.SAMPLES, Part.VIEWS, Part.EVENTS);
  }

  @Override
  public boolean gapsAccuse() {
    return true;
  }

  @Override
  public Result of(RunEvidence run) {
    var findings = new ArrayList<Finding>();
    var told = new ArrayList<String>();
    leaders(run, told, findings);
    members(run, told, findings);
    if (told.isEmpty()) {
      return Result.notConcerned(this, "no fault outlasted a bound for detection");
    }
    return Result.of(this, String.join("; ", told), findings);
  }

  private static void leaders(RunEvidence run, List<String> told, List<Finding> findings) {
    long bound = run.expectations().detectWithin().toNanos();
    List<FaultBand> taking = run.faults().stream().filter(FaultBand::takesLeader).toList();
    if (bound == 0 || taking.isEmpty()) {
      return;
    }
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
    told.add(
        "%d faults took a leader away; the slowest sight of it took %s, bound %s%s"
            .formatted(
                taking.size(),
                Times.text(longest),
                Times.text(bound),
                unseen == 0 ? "" : "; " + unseen + " ended before the bound"));
  }

  private static void members(RunEvidence run, List<String> told, List<Finding> findings) {
    long bound = run.expectations().missWithin().toNanos();
    if (bound == 0) {
      return;
    }
    List<Losses.Loss> losses =
        new Losses(run).all(bound).stream().filter(loss -> loss.lasted(bound)).toList();
    if (losses.isEmpty()) {
      return;
    }
    losses.stream()
        .filter(loss -> !loss.inTime(bound))
        .map(l -> late(l, bound))
        .forEach(findings::add);
    told.add(
        "%d times a voter lost another for longer than the bound of %s; the slowest was held for dead after %s%s"
            .formatted(
                losses.size(),
                Times.text(bound),
                Times.text(
                    losses.stream()
                        .filter(loss -> loss.inTime(bound))
                        .mapToLong(Losses.Loss::tookNanos)
                        .max()
                        .orElse(0)),
                losses.stream().anyMatch(loss -> loss.stillNanos() > 0)
                    ? "; time in which the observer did not answer is not counted"
                    : ""));
  }

  private static Finding late(Losses.Loss loss, long bound) {
    return new Finding(
        "%s heard nothing of %s from %s on (%s) and held it for dead %s, the bound is %s"
            .formatted(
                loss.observer(),
                loss.lost(),
                Times.text(loss.fault().fromNanos()),
                loss.fault().name(),
                loss.tookNanos() == Long.MAX_VALUE
                    ? "never"
                    : "after " + Times.text(loss.tookNanos()),
                Times.text(bound + loss.stillNanos())),
        List.of(),
        List.of(loss.observer(), loss.lost()),
        loss.fault().fromNanos(),
        loss.fault().fromNanos() + bound);
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
