package io.ringrift.chaos.check;

import io.ringrift.chaos.evidence.FaultBand;
import io.ringrift.chaos.evidence.Part;
import io.ringrift.chaos.evidence.RoleSample;
import io.ringrift.chaos.evidence.RunEvidence;
import io.ringrift.chaos.history.Operation;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;

/// After the last fault every node that is there names one leader of one epoch, that leader agrees,
/// and an operation begun since is done, within the bound (RELIABILITY M7). A run that broke off
/// may have ended before that.
final class RecoversInTime implements Check {
  @Override
  public String source() {
    return "M7";
  }

  @Override
  public Set<Part> parts() {
    return EnumSet.of(Part.FAULTS, Part.SAMPLES, Part.EVENTS, Part.OPERATIONS);
  }

  @Override
  public boolean gapsAccuse() {
    return true;
  }

  @Override
  public Result of(RunEvidence run) {
    long bound = run.expectations().recoverWithin().toNanos();
    if (bound == 0) {
      return Result.notConcerned(this, "the scenario states no bound");
    }
    long end = run.faults().stream().mapToLong(FaultBand::toNanos).max().orElse(0);
    OptionalLong agreed = agreed(run, end);
    OptionalLong worked =
        run.history().operations().stream()
            .filter(o -> o.ok() && o.invokedNanos() >= end)
            .mapToLong(Operation::returnedNanos)
            .min();
    String evidence =
        "last fault ended at %s; agreed %s, worked %s, bound %s"
            .formatted(Times.text(end), after(agreed, end), after(worked, end), Times.text(bound));
    boolean inTime =
        agreed.orElse(Long.MAX_VALUE) - end <= bound
            && worked.orElse(Long.MAX_VALUE) - end <= bound;
    if (!inTime && !run.failure().isEmpty()) {
      return Result.undecided(this, "the run broke off; " + evidence);
    }
    return inTime
        ? Result.of(this, evidence, List.of())
        : Result.of(
            this,
            evidence,
            List.of(
                new Finding(
                    "no recovery within the bound: " + evidence,
                    List.of(),
                    run.setting().nodes(),
                    end,
                    end + bound)));
  }

  private static String after(OptionalLong time, long end) {
    return time.isEmpty() ? "never" : "after " + Times.text(time.getAsLong() - end);
  }

  /// When the newest answers of all nodes first agree. Those that the run left down are not there;
  /// one that is down by itself is, and agrees to nothing.
  private static OptionalLong agreed(RunEvidence run, long end) {
    List<RoleSample> samples = run.samples();
    Set<String> there = new HashSet<>();
    samples.forEach(s -> there.add(s.node()));
    there.removeAll(Ends.leftDown(run));
    Map<String, RoleSample> newest = new HashMap<>();
    for (RoleSample sample : samples) {
      if (sample.atNanos() >= end && there.contains(sample.node())) {
        newest.put(sample.node(), sample);
        if (newest.size() == there.size() && agree(newest)) {
          return OptionalLong.of(sample.atNanos());
        }
      }
    }
    return OptionalLong.empty();
  }

  private static boolean agree(Map<String, RoleSample> newest) {
    RoleSample any = newest.values().iterator().next();
    RoleSample leader = newest.get(any.leader());
    return leader != null
        && leader.leads()
        && newest.values().stream()
            .allMatch(
                s ->
                    s.answered()
                        && s.leader().equals(leader.node())
                        && s.epoch() == leader.epoch());
  }
}
