package io.ringrift.chaos.check;

import io.ringrift.chaos.evidence.FaultBand;
import io.ringrift.chaos.evidence.RoleSample;
import io.ringrift.chaos.evidence.RunEvidence;
import io.ringrift.chaos.evidence.ViewSample;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.IntStream;

/// Who could hear nothing of whom, not even through others, and when they held each other for dead.
/// Between voters: what a worker that only dials out tells may travel late along a stream.
final class Losses {
  /// These end or stop processes.
  private static final Set<String> OF_PROCESSES =
      Set.of("kill", "pause", "wipe", "corrupt", "stale", "config", "restart");

  /// Of these a node gives no sign of life until the end.
  private static final Set<String> SILENCING =
      Set.of("kill", "pause", "wipe", "corrupt", "isolate");

  /// These cut links and are told by them, as `a>b`.
  private static final Set<String> OF_LINKS = Set.of("cut", "split", "bridge", "ring");

  /// A node that did not answer for so long stood still, and what it would have done in the time
  /// comes later. It is asked five times a second.
  private static final long STILL = 500_000_000;

  private final RunEvidence run;
  private final List<String> voters;

  Losses(RunEvidence run) {
    this.run = run;
    this.voters = run.setting().voters();
  }

  /// @param tookNanos until the observer held the other for dead; `Long.MAX_VALUE` for never
  /// @param stillNanos for how long the observer did not answer within the bound
  record Loss(FaultBand fault, String observer, String lost, long tookNanos, long stillNanos) {
    /// Whether the fault went on for as long as the observer had.
    boolean lasted(long bound) {
      return fault.toNanos() - fault.fromNanos() >= bound + stillNanos;
    }

    boolean inTime(long bound) {
      return tookNanos <= bound + stillNanos;
    }
  }

  List<Loss> all(long bound) {
    var losses = new ArrayList<Loss>();
    for (FaultBand fault : run.faults()) {
      int[] parts = parts(fault);
      for (int i = 0; i < voters.size(); i++) {
        String observer = voters.get(i);
        if (taken(observer, fault.fromNanos(), fault.fromNanos() + bound)) {
          continue;
        }
        for (int j = 0; j < voters.size(); j++) {
          String lost = voters.get(j);
          if (parts[i] != parts[j]) {
            OptionalLong seen = seen(observer, lost, fault.fromNanos());
            losses.add(
                new Loss(
                    fault,
                    observer,
                    lost,
                    seen.isEmpty() ? Long.MAX_VALUE : seen.getAsLong() - fault.fromNanos(),
                    still(observer, fault.fromNanos(), fault.fromNanos() + bound)));
          }
        }
      }
    }
    return losses;
  }

  /// By the place of the voter: those that still hear each other in one direction at least, through
  /// whomever, have one number.
  private int[] parts(FaultBand fault) {
    boolean silences = SILENCING.contains(fault.name());
    if (!silences && !OF_LINKS.contains(fault.name())) {
      return new int[voters.size()];
    }
    int[] parts = IntStream.range(0, voters.size()).toArray();
    Set<String> hit = new HashSet<>(fault.targets());
    for (int i = 0; i < parts.length; i++) {
      for (int j = 0; j < parts.length; j++) {
        String one = voters.get(i);
        String other = voters.get(j);
        boolean passes =
            silences
                ? !hit.contains(one) && !hit.contains(other)
                : !hit.contains(one + ">" + other);
        if (passes) {
          int kept = parts[i];
          int joined = parts[j];
          Arrays.setAll(parts, place -> parts[place] == joined ? kept : parts[place]);
        }
      }
    }
    return parts;
  }

  /// Whether something is done to the observer's process meanwhile.
  private boolean taken(String observer, long from, long to) {
    return run.faults().stream()
            .filter(fault -> OF_PROCESSES.contains(fault.name()))
            .filter(fault -> fault.fromNanos() <= to && fault.toNanos() >= from)
            .anyMatch(fault -> fault.targets().contains(observer))
        || run.events().stream()
            .filter(event -> event.node().equals(observer) && Ends.PROCESS.contains(event.kind()))
            .anyMatch(event -> event.atNanos() >= from && event.atNanos() <= to);
  }

  private OptionalLong seen(String observer, String lost, long from) {
    boolean believes = false;
    for (ViewSample view : run.views()) {
      if (!view.node().equals(observer)) {
        continue;
      }
      if (view.atNanos() > from && !believes) {
        return OptionalLong.of(from);
      }
      believes = view.believes(lost);
      if (view.atNanos() > from && !believes) {
        return OptionalLong.of(view.atNanos());
      }
    }
    return believes ? OptionalLong.empty() : OptionalLong.of(from);
  }

  private long still(String observer, long from, long to) {
    long still = 0;
    long last = from;
    for (RoleSample sample : run.samples()) {
      if (sample.node().equals(observer) && sample.answered() && sample.atNanos() >= from) {
        long until = Math.min(sample.atNanos(), to);
        still += until - last > STILL ? until - last : 0;
        last = Math.max(last, until);
      }
    }
    return to - last > STILL ? still + to - last : still;
  }
}
