package io.ringrift.chaos.check;

import io.ringrift.chaos.evidence.FaultBand;
import io.ringrift.chaos.evidence.Part;
import io.ringrift.chaos.evidence.RoleSample;
import io.ringrift.chaos.evidence.RunEvidence;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// A voter that hears no majority of the voters, itself among them, says no more that it leads once
/// its lease has run out, and where that is so of all, no write is acknowledged from then on
/// (RELIABILITY E6, C.2, C.7.4). A voter whose disk is full says no more that it leads once the
/// time in which a leader is missed has gone by, and another leads by then (D5).
final class WhoCannotLeadStepsDown implements Check {
  private static final String FULL = "full_disk";

  /// These are told by their links, as `a>b`.
  private static final Set<String> OF_LINKS = Set.of("cut", "split", "bridge", "ring");

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
    for (FaultBand fault : run.faults()) {
      long bound = bound(run, fault);
      long due = fault.fromNanos() + bound;
      List<String> unfit =
          run.setting().voters().stream().filter(node -> unfit(run, fault, node)).toList();
      if (bound == 0 || unfit.isEmpty() || fault.toNanos() <= due) {
        continue;
      }
      judged++;
      List<RoleSample> late =
          run.samples().stream()
              .filter(sample -> sample.leads() && sample.atNanos() < fault.toNanos())
              .filter(sample -> sample.atNanos() > fault.fromNanos())
              .toList();
      late.stream()
          .filter(sample -> unfit.contains(sample.node()) && sample.atNanos() > due)
          .findFirst()
          .ifPresent(sample -> findings.add(leads(sample, fault)));
      if (fault.name().equals(FULL)) {
        if (late.stream().allMatch(sample -> unfit.contains(sample.node()))) {
          findings.add(nobody(fault));
        }
      } else if (unfit.size() == run.setting().voters().size()) {
        served(run, fault, due, findings);
      }
    }
    return judged == 0
        ? Result.notConcerned(this, "nobody was kept from leading for long enough")
        : Result.of(this, judged + " faults that keep voters from leading", findings);
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

  private static boolean unfit(RunEvidence run, FaultBand fault, String node) {
    if (fault.name().equals(FULL)) {
      return fault.targets().contains(node);
    }
    List<String> voters = run.setting().voters();
    Set<String> hit = new HashSet<>(fault.targets());
    long heard =
        switch (fault.name()) {
          case "isolate" -> hit.contains(node) ? 1 : voters.size();
          default ->
              OF_LINKS.contains(fault.name())
                  ? voters.stream().filter(from -> !hit.contains(from + ">" + node)).count()
                  : voters.size();
        };
    return heard <= voters.size() / 2;
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
