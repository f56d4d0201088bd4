package io.ringrift.chaos.check;

import io.ringrift.chaos.evidence.FaultBand;
import io.ringrift.chaos.evidence.Part;
import io.ringrift.chaos.evidence.RoleSample;
import io.ringrift.chaos.evidence.RunEvidence;
import io.ringrift.chaos.scenario.FaultKind;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/// A voter that hears no majority of the voters, itself among them, says no more that it leads once
/// its lease has run out, and where that is so of all, no write is acknowledged from then on
/// (RELIABILITY E6, C.2, C.7.4). A voter whose disk is full says no more that it leads once the
/// time in which a leader is missed has gone by, and another leads by then (D5). Whoever is late on
/// a machine that had no time is accused of nothing.
final class WhoCannotLeadStepsDown implements Check {
  private static final String FULL = FaultKind.FULL_DISK.word();

  /// An answer may have been made so long before it was noted.
  private static final long ANSWER = 500_000_000;

  /// These are told by their links, as `a>b`.
  private static final Set<String> OF_LINKS =
      Kinds.words(FaultKind.CUT, FaultKind.SPLIT, FaultKind.BRIDGE, FaultKind.RING);

  @Override
  public String source() {
    return "E6, C.2, C.7.4, D5";
  }

  @Override
  public Set<Part> parts() {
    return EnumSet.of(Part.FAULTS, Part.SAMPLES, Part.OPERATIONS);
  }

  @Override
  public boolean gapsAccuse() {
    return true;
  }

  @Override
  public Result of(RunEvidence run) {
    var findings = new ArrayList<Finding>();
    int judged = 0;
    int starved = 0;
    for (FaultBand fault : run.faults()) {
      long bound = bound(run, fault);
      long due = fault.fromNanos() + bound;
      Set<String> voters = voters(run, fault);
      List<String> unfit = voters.stream().filter(node -> unfit(run, fault, voters, node)).toList();
      if (bound == 0 || unfit.isEmpty() || fault.toNanos() <= due) {
        continue;
      }
      judged++;
      List<Finding> late = late(run, fault, due, unfit);
      if (Starvation.between(run, fault.fromNanos(), fault.toNanos())) {
        starved += late.isEmpty() ? 0 : 1;
      } else {
        findings.addAll(late);
      }
      if (!fault.name().equals(FULL) && unfit.size() == voters.size()) {
        served(run, fault, due, findings);
      }
    }
    if (judged == 0) {
      return Result.notConcerned(this, "nobody was kept from leading for long enough");
    }
    return findings.isEmpty() && starved > 0
        ? Result.undecided(
            this, "late during %d faults, and %s".formatted(starved, Starvation.TOLD))
        : Result.of(this, judged + " faults that keep voters from leading", findings);
  }

  /// What a machine without time for its nodes brings about too.
  private static List<Finding> late(
      RunEvidence run, FaultBand fault, long due, List<String> unfit) {
    var findings = new ArrayList<Finding>();
    List<RoleSample> leading =
        run.samples().stream()
            .filter(sample -> sample.leads() && sample.atNanos() < fault.toNanos())
            .filter(sample -> sample.atNanos() > fault.fromNanos())
            .toList();
    leading.stream()
        .filter(sample -> unfit.contains(sample.node()) && sample.atNanos() - ANSWER > due)
        .findFirst()
        .ifPresent(sample -> findings.add(leads(sample, fault)));
    if (fault.name().equals(FULL)
        && leading.stream().allMatch(sample -> unfit.contains(sample.node()))) {
      findings.add(nobody(fault));
    }
    return findings;
  }

  /// Who may have voted at any time of it.
  private static Set<String> voters(RunEvidence run, FaultBand fault) {
    var voters = new TreeSet<String>();
    VotersInForce.at(run, fault.fromNanos()).forEach(voters::addAll);
    VotersInForce.at(run, fault.toNanos()).forEach(voters::addAll);
    return voters;
  }

  private static long bound(RunEvidence run, FaultBand fault) {
    var expected = run.expectations();
    return (fault.name().equals(FULL) ? expected.detectWithin() : expected.stepDownWithin())
        .toNanos();
  }

  /// Writes that were acknowledged where nobody hears a majority.
  private static void served(RunEvidence run, FaultBand fault, long due, List<Finding> findings) {
    run.history().operations().stream()
        .filter(operation -> Writes.doneWithin(operation, due, fault.toNanos()))
        .forEach(
            operation ->
                findings.add(
                    Finding.of(
                        "acknowledged although %s leaves no side a majority since %s:%n  %s"
                            .formatted(fault.name(), Times.text(fault.fromNanos()), operation),
                        List.of(operation))));
  }

  private static boolean unfit(RunEvidence run, FaultBand fault, Set<String> voters, String node) {
    if (fault.name().equals(FULL)) {
      return fault.targets().contains(node);
    }
    Set<String> hit = new HashSet<>(fault.targets());
    Set<String> heard = new HashSet<>(voters);
    if (Kinds.is(fault, FaultKind.ISOLATE) && hit.contains(node)) {
      heard.retainAll(Set.of(node));
    } else if (OF_LINKS.contains(fault.name())) {
      heard.removeIf(from -> hit.contains(from + ">" + node));
    }
    return !VotersInForce.areMost(run, heard, fault.fromNanos())
        && !VotersInForce.areMost(run, heard, fault.toNanos());
  }

  private static Finding leads(RoleSample sample, FaultBand fault) {
    return Finding.at(
        "%s says at %s that it leads epoch %d, although %s has kept it from leading since %s"
            .formatted(
                sample.node(),
                Times.text(sample.atNanos()),
                sample.epoch(),
                fault.name(),
                Times.text(fault.fromNanos())),
        sample.atNanos(),
        sample.node());
  }

  private static Finding nobody(FaultBand fault) {
    return new Finding(
        "nobody else led while the disk of %s was full, from %s to %s"
            .formatted(
                String.join(", ", fault.targets()),
                Times.text(fault.fromNanos()),
                Times.text(fault.toNanos())),
        List.of(),
        fault.targets(),
        fault.fromNanos(),
        fault.toNanos());
  }
}
