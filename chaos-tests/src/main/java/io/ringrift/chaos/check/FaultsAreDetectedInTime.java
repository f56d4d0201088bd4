package io.ringrift.chaos.check;

import io.ringrift.chaos.evidence.FaultBand;
import io.ringrift.chaos.evidence.Part;
import io.ringrift.chaos.evidence.RoleSample;
import io.ringrift.chaos.evidence.RunEvidence;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Predicate;

/// When the leader is taken away, some other node says within the bound that it does not lead any
/// more; and every voter that hears nothing of another, not even through a third, holds it for dead
/// within the bound for members (RELIABILITY M1). Time in which those that are asked do not answer
/// is not counted. A fault that ends before its bound, and a node that did not name the other
/// before the fault, prove nothing.
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
    var open = new ArrayList<String>();
    leaders(run, told, findings);
    members(run, told, findings, open);
    if (findings.isEmpty() && !open.isEmpty()) {
      return Result.undecided(this, String.join("; ", open));
    }
    if (told.isEmpty()) {
      return Result.notConcerned(
          this, "no fault with somebody to see it outlasted a bound for detection");
    }
    return Result.of(this, String.join("; ", told), findings);
  }

  private static void leaders(RunEvidence run, List<String> told, List<Finding> findings) {
    long bound = run.expectations().detectWithin().toNanos();
    if (bound == 0) {
      return;
    }
    long longest = 0;
    int seen = 0;
    int late = 0;
    int ended = 0;
    for (FaultBand fault : run.faults().stream().filter(FaultBand::takesLeader).toList()) {
      Sight sight = Sight.of(run, fault);
      if (sight.tookNanos() <= bound) {
        longest = Math.max(longest, sight.tookNanos() + sight.stillNanos());
        seen++;
      } else if (sight.lastedNanos() >= bound) {
        findings.add(late(fault, sight, bound));
        late++;
      } else {
        ended++;
      }
    }
    if (seen + late > 0) {
      told.add(
          "%d times a leader was taken away; the slowest sight of it in time took %s, bound %s%s"
              .formatted(
                  seen + late,
                  seen == 0 ? "none" : Times.text(longest),
                  Times.text(bound),
                  ended == 0
                      ? ""
                      : "; " + ended + " more ended before the bound or had nobody to see them"));
    }
  }

  private static void members(
      RunEvidence run, List<String> told, List<Finding> findings, List<String> open) {
    long bound = run.expectations().missWithin().toNanos();
    if (bound == 0) {
      return;
    }
    List<Losses.Loss> losses = new Losses(run).all(bound);
    losses.stream()
        .filter(loss -> loss.late(bound))
        .map(l -> late(l, bound))
        .forEach(findings::add);
    losses.stream()
        .filter(loss -> loss.open(bound))
        .map(Losses.Loss::observer)
        .distinct()
        .map(node -> node + " did not tell its members before a fault that it had to see")
        .forEach(open::add);
    List<Losses.Loss> seen = losses.stream().filter(loss -> loss.inTime(bound)).toList();
    long late = losses.stream().filter(loss -> loss.late(bound)).count();
    if (seen.isEmpty() && late == 0) {
      return;
    }
    told.add(
        "%d times a voter lost another, bound %s; the slowest in time was held for dead after %s%s"
            .formatted(
                seen.size() + late,
                Times.text(bound),
                seen.isEmpty()
                    ? "none"
                    : Times.text(
                        seen.stream()
                            .mapToLong(loss -> loss.tookNanos() + loss.stillNanos())
                            .max()
                            .orElse(0)),
                seen.stream().anyMatch(loss -> loss.stillNanos() > 0)
                    ? "; time in which the observer did not answer is not counted"
                    : ""));
  }

  private static Finding late(Losses.Loss loss, long bound) {
    return new Finding(
        "%s heard nothing of %s from %s on (%s) and held it for dead %s, the bound is %s%s"
            .formatted(
                loss.observer(),
                loss.lost(),
                Times.text(loss.fault().fromNanos()),
                loss.fault().name(),
                when(loss.tookNanos(), loss.stillNanos()),
                Times.text(bound),
                silence(loss.stillNanos())),
        List.of(),
        List.of(loss.observer(), loss.lost()),
        loss.fault().fromNanos(),
        loss.fault().fromNanos() + bound);
  }

  /// By the clock.
  private static String when(long took, long still) {
    return took == Long.MAX_VALUE ? "never" : "after " + Times.text(took + still);
  }

  private static String silence(long still) {
    return still == 0 ? "" : " and %s of silence".formatted(Times.text(still));
  }

  /// How those that had named the leader saw that it was gone. Times but the last are counted
  /// without those in which none of them answered.
  ///
  /// @param lastedNanos for how long there was something to see
  /// @param tookNanos until one of them did not name it any more; `Long.MAX_VALUE` for never
  /// @param stillNanos for how long none of them answered until then
  private record Sight(long lastedNanos, long tookNanos, long stillNanos) {
    static Sight of(RunEvidence run, FaultBand fault) {
      String gone = leader(run, fault.fromNanos());
      Map<String, Long> observers = observers(run, gone, fault.fromNanos());
      // One that is killed meanwhile knows nothing of it when it comes back.
      Predicate<RoleSample> counts = s -> s.atNanos() < observers.getOrDefault(s.node(), 0L);
      var still = Stillness.ofRoles(run, counts);
      OptionalLong seen =
          run.samples().stream()
              .filter(s -> s.atNanos() >= fault.fromNanos() && s.answered())
              .filter(s -> counts.test(s) && !s.leader().equals(gone))
              .mapToLong(RoleSample::atNanos)
              .findFirst();
      long from = fault.fromNanos();
      // A blow is not taken back by its end.
      long to =
          fault.toNanos() == from
              ? Math.max(from, run.setting().length().toNanos())
              : fault.toNanos();
      return new Sight(
          still.awake(from, to),
          seen.isEmpty() ? Long.MAX_VALUE : still.awake(from, seen.getAsLong()),
          still.within(from, seen.orElse(to)));
    }

    private static String leader(RunEvidence run, long before) {
      return run.samples().stream()
          .filter(sample -> sample.atNanos() < before && sample.leads())
          .max(Comparator.comparingLong(RoleSample::epoch).thenComparingLong(RoleSample::atNanos))
          .map(RoleSample::node)
          .orElse("");
    }

    /// Those that named it last, and until when nothing was done to their processes.
    private static Map<String, Long> observers(RunEvidence run, String gone, long before) {
      var named = new HashMap<String, String>();
      run.samples().stream()
          .filter(sample -> sample.atNanos() < before && sample.answered())
          .forEach(sample -> named.put(sample.node(), sample.leader()));
      named.remove(gone);
      named.values().removeIf(leader -> !leader.equals(gone));
      var until = new HashMap<String, Long>();
      named.keySet().forEach(node -> until.put(node, Long.MAX_VALUE));
      run.events().stream()
          .filter(event -> event.atNanos() >= before && Ends.PROCESS.contains(event.kind()))
          .forEach(
              event ->
                  until.computeIfPresent(event.node(), (_, at) -> Math.min(at, event.atNanos())));
      return until;
    }
  }

  private static Finding late(FaultBand fault, Sight sight, long bound) {
    return new Finding(
        "%s of %s at %s was seen %s, the bound is %s%s"
            .formatted(
                fault.name(),
                String.join(", ", fault.targets()),
                Times.text(fault.fromNanos()),
                when(sight.tookNanos(), sight.stillNanos()),
                Times.text(bound),
                silence(sight.stillNanos())),
        List.of(),
        fault.targets(),
        fault.fromNanos(),
        fault.fromNanos() + bound);
  }
}
