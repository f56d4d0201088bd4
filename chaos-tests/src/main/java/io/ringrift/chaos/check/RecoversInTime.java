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

/// After the last fault somebody leads, every node that is there names one leader of one epoch,
/// that leader agrees, and a write begun since is done, each within its bound (RELIABILITY M7). A
/// run that broke off, or was not looked at for so long, may have ended before that, and on a
/// machine that had no time for the runner nothing can be called late.
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

  /// When what had to come came, if it did.
  private record Seen(OptionalLong led, OptionalLong agreed, OptionalLong worked) {
    boolean inTime(long end, long leads, long bound) {
      return (leads == 0 || within(led, end, leads))
          && within(agreed, end, bound)
          && within(worked, end, bound);
    }

    /// Whether something came late, or could have come in time and did not.
    boolean late(long end, long leads, long bound, long length) {
      return (leads > 0 && late(led, end + leads, length))
          || late(agreed, end + bound, length)
          || late(worked, end + bound, length);
    }

    private static boolean late(OptionalLong time, long due, long length) {
      return time.orElse(length) > due;
    }
  }

  @Override
  public Result of(RunEvidence run) {
    long bound = run.expectations().recoverWithin().toNanos();
    long leads = run.expectations().leadWithin().toNanos();
    if (bound == 0) {
      return Result.notConcerned(this, "the scenario states no bound");
    }
    long end = lastFault(run);
    var seen = new Seen(led(run, end), agreed(run, end), worked(run, end));
    String evidence =
        "last fault ended at %s; led %s%s; agreed %s, worked %s, bound %s"
            .formatted(
                Times.text(end),
                after(seen.led(), end),
                leads == 0 ? "" : ", bound " + Times.text(leads),
                after(seen.agreed(), end),
                after(seen.worked(), end),
                Times.text(bound));
    if (seen.inTime(end, leads, bound)) {
      return Result.of(this, evidence, List.of());
    }
    if (!run.failure().isEmpty()) {
      return Result.undecided(this, "the run broke off; " + evidence);
    }
    if (!seen.late(end, leads, bound, run.setting().length().toNanos())) {
      return Result.undecided(this, "the run ended before the bound; " + evidence);
    }
    if (Starvation.between(run, end, end + bound)) {
      return Result.undecided(this, Starvation.TOLD + "; " + evidence);
    }
    return Result.of(this, evidence, List.of(late(run, evidence, end, end + bound)));
  }

  private static Finding late(RunEvidence run, String evidence, long from, long to) {
    return new Finding(
        "no recovery within the bound: " + evidence, List.of(), run.setting().nodes(), from, to);
  }

  private static OptionalLong led(RunEvidence run, long end) {
    return run.samples().stream()
        .filter(s -> s.leads() && s.atNanos() >= end)
        .mapToLong(RoleSample::atNanos)
        .min();
  }

  private static OptionalLong worked(RunEvidence run, long end) {
    return run.history().operations().stream()
        .filter(o -> Writes.done(o) && o.invokedNanos() >= end)
        .mapToLong(Operation::returnedNanos)
        .min();
  }

  static long lastFault(RunEvidence run) {
    return run.faults().stream().mapToLong(FaultBand::toNanos).max().orElse(0);
  }

  private static boolean within(OptionalLong time, long end, long bound) {
    return time.isPresent() && time.getAsLong() - end <= bound;
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
