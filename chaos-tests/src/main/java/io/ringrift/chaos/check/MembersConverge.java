package io.ringrift.chaos.check;

import io.ringrift.chaos.evidence.NodeEvent;
import io.ringrift.chaos.evidence.Part;
import io.ringrift.chaos.evidence.RunEvidence;
import io.ringrift.chaos.evidence.ViewSample;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;

/// After the last fault every voter that is there comes to count on every other as ALIVE, within
/// the bound (RELIABILITY M7). Who leads then is looked at by `RecoversInTime`.
final class MembersConverge implements Check {
  @Override
  public String source() {
    return "M7";
  }

  @Override
  public Set<Part> parts() {
    return EnumSet.of(Part.FAULTS, Part.VIEWS, Part.EVENTS);
  }

  @Override
  public boolean gapsAccuse() {
    return true;
  }

  @Override
  public Result of(RunEvidence run) {
    long bound = run.expectations().recoverWithin().toNanos();
    var there = new ArrayList<>(run.setting().voters());
    there.retainAll(run.setting().nodes());
    there.removeAll(Ends.leftDown(run));
    if (bound == 0 || there.size() < 2) {
      return Result.notConcerned(this, "no bound is stated, or there is one voter");
    }
    if (run.faults().isEmpty()) {
      return Result.notConcerned(this, "the run has no faults");
    }
    long end = RecoversInTime.lastFault(run);
    OptionalLong met = met(run, there, end);
    String evidence =
        "last fault ended at %s; all members ALIVE at all %s, bound %s"
            .formatted(
                Times.text(end),
                met.isEmpty() ? "never" : "after " + Times.text(met.getAsLong() - end),
                Times.text(bound));
    if (met.isPresent() && met.getAsLong() - end <= bound) {
      return Result.of(this, evidence, List.of());
    }
    boolean early = met.isEmpty() && run.setting().length().toNanos() < end + bound;
    if (early || !run.failure().isEmpty()) {
      return Result.undecided(this, "the run ended before the bound; " + evidence);
    }
    if (Starvation.between(run, end, end + bound)) {
      return Result.undecided(this, Starvation.TOLD + "; " + evidence);
    }
    return Result.of(this, evidence, List.of(apart(run, there, end, bound)));
  }

  /// When the newest views of all first count on all. What a node told before it was started says
  /// nothing.
  private static OptionalLong met(RunEvidence run, List<String> there, long end) {
    Map<String, ViewSample> newest = new HashMap<>();
    Map<String, Long> since = new HashMap<>();
    for (NodeEvent event : run.events()) {
      if (event.kind().equals("STARTED")) {
        since.put(event.node(), event.atNanos());
      }
    }
    for (ViewSample view : run.views()) {
      if (view.atNanos() > end && whole(newest, there)) {
        break;
      }
      if (view.atNanos() >= since.getOrDefault(view.node(), 0L)) {
        newest.put(view.node(), view);
        if (view.atNanos() > end && whole(newest, there)) {
          return OptionalLong.of(view.atNanos());
        }
      }
    }
    return whole(newest, there) ? OptionalLong.of(end) : OptionalLong.empty();
  }

  private static boolean whole(Map<String, ViewSample> newest, List<String> there) {
    return there.stream()
        .allMatch(
            node ->
                newest.containsKey(node)
                    && there.stream()
                        .filter(other -> !other.equals(node))
                        .allMatch(other -> newest.get(node).state(other).equals("ALIVE")));
  }

  private static Finding apart(RunEvidence run, List<String> there, long end, long bound) {
    var last = new TreeMap<String, ViewSample>();
    run.views().forEach(view -> last.put(view.node(), view));
    last.keySet().retainAll(there);
    var told = new ArrayList<String>();
    last.forEach((node, view) -> told.add(node + " tells " + new TreeMap<>(view.members())));
    return new Finding(
        "the voters do not count on one another %s after the last fault; at last %s"
            .formatted(
                Times.text(bound), told.isEmpty() ? "none told any" : String.join("; ", told)),
        List.of(),
        there,
        end,
        end + bound);
  }
}
