package io.ringrift.chaos.check;

import io.ringrift.chaos.evidence.FaultBand;
import io.ringrift.chaos.evidence.NodeEvent;
import io.ringrift.chaos.evidence.Part;
import io.ringrift.chaos.evidence.RunEvidence;
import io.ringrift.chaos.evidence.ViewSample;
import io.ringrift.chaos.scenario.FaultKind;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/// No voter holds another for DEAD that it counted on, when nothing was done to either of them, to
/// their disks or to a link at one of them for as long as recovery may take (RELIABILITY M2). What
/// came while one of the two or the runner had no time to run is not judged.
final class HealthyMembersStayAlive implements Check {
  /// These take nothing from a member that its life could be told by.
  private static final Set<String> HARMLESS =
      Kinds.words(
          FaultKind.HOSTILE,
          FaultKind.FORGE,
          FaultKind.CLOCK_JUMP,
          FaultKind.REMOVE_VOTER,
          FaultKind.ADD_VOTER);

  /// Of these no node is named, and all are meant.
  private static final String SWITCH = FaultKind.SWITCH_MODE.word();

  @Override
  public String source() {
    return "M2";
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
    long silence = run.expectations().missWithin().toNanos();
    if (silence == 0 || run.setting().voters().size() < 2) {
      return Result.notConcerned(this, "no bound is stated, or there is one voter");
    }
    var findings = new ArrayList<Finding>();
    Map<String, ViewSample> before = new HashMap<>();
    int deaths = 0;
    int busy = 0;
    int looked = 0;
    for (ViewSample view : run.views()) {
      ViewSample last = before.put(view.node(), view);
      looked++;
      if (last == null || !run.setting().voters().contains(view.node())) {
        continue;
      }
      for (String other : run.setting().voters()) {
        if (last.believes(other) && view.state(other).equals("DEAD")) {
          deaths++;
          boolean healthy = !touched(run, view, other);
          if (healthy && busy(run, view, other, silence)) {
            busy++;
          } else if (healthy) {
            findings.add(dead(view, other));
          }
        }
      }
    }
    if (findings.isEmpty() && busy > 0) {
      return Result.undecided(
          this,
          busy
              + " times one was held for dead to which nothing had been done, while one of the two"
              + " did not answer or the machine had no time");
    }
    return looked == 0
        ? Result.notConcerned(this, "no node told its members")
        : Result.of(
            this,
            looked + " views of members, " + deaths + " times one was held for dead",
            findings);
  }

  private static boolean touched(RunEvidence run, ViewSample view, String other) {
    long from = view.atNanos() - run.expectations().recoverWithin().toNanos();
    return run.faults().stream()
            .filter(fault -> fault.fromNanos() <= view.atNanos() && fault.toNanos() >= from)
            .filter(fault -> !HARMLESS.contains(fault.name()))
            .anyMatch(fault -> hits(fault, view.node()) || hits(fault, other))
        || run.events().stream()
            .filter(event -> event.atNanos() <= view.atNanos() && event.atNanos() >= from)
            .anyMatch(event -> changes(event) || strikes(event, view.node(), other));
  }

  /// Behind a change of the voters or the mode every node begins again.
  private static boolean changes(NodeEvent event) {
    return event.kind().equals(NodeEvent.CHANGED);
  }

  private static boolean strikes(NodeEvent event, String one, String other) {
    return Ends.PROCESS.contains(event.kind())
        && (event.node().equals(one) || event.node().equals(other));
  }

  private static boolean hits(FaultBand fault, String node) {
    return fault.name().equals(SWITCH)
        || fault.targets().stream()
            .anyMatch(
                hit -> hit.equals(node) || hit.startsWith(node + ">") || hit.endsWith(">" + node));
  }

  private static boolean busy(RunEvidence run, ViewSample view, String other, long silence) {
    long to = view.atNanos();
    long from = to - silence;
    return Starvation.between(run, from, to)
        || Stream.of(view.node(), other)
            .map(one -> Stillness.ofRoles(run, sample -> sample.node().equals(one)))
            .anyMatch(still -> still.within(from, to) > 0);
  }

  private static Finding dead(ViewSample view, String other) {
    return new Finding(
        "%s held %s for DEAD at %s, and nothing had been done to either"
            .formatted(view.node(), other, Times.text(view.atNanos())),
        List.of(),
        List.of(view.node(), other),
        view.atNanos(),
        view.atNanos());
  }
}
