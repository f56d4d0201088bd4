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

/// A voter that hears no majority of the voters, itself among them, or whose disk is full, says no
/// more that it leads once the time in which a leader is missed has gone by; and where its disk was
/// full, another leads by then (RELIABILITY C.2, D5).
final class WhoCannotLeadStepsDown implements Check {
  private static final String FULL = "full_disk";

  /// These are told by their links, as `a>b`.
  private static final Set<String> OF_LINKS = Set.of("cut", "split", "bridge", "ring");

  @Override
  public String source() {
    return "C.2, D5";
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
    var findings = new ArrayList<Finding>();
    int judged = 0;
    for (FaultBand fault : run.faults()) {
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
      if (fault.name().equals(FULL)
          && late.stream().allMatch(sample -> unfit.contains(sample.node()))) {
        findings.add(nobody(fault));
      }
    }
    return judged == 0
        ? Result.notConcerned(this, "nobody was kept from leading for long enough")
        : Result.of(this, judged + " faults that keep voters from leading", findings);
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
