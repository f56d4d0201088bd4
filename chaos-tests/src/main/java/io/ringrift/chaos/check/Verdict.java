package io.ringrift.chaos.check;

import io.ringrift.chaos.evidence.FaultBand;
import io.ringrift.chaos.evidence.RunEvidence;
import java.util.ArrayList;
import java.util.List;

/// What all checkers say of one run.
///
/// @param failure why the run could not be done; empty when it could
public record Verdict(List<Result> results, String failure) {
  private static final String EXPECTATIONS = "ExpectationsAreMet";
  private static final String SCENARIO = "scenario";
  private static final List<Check> CHECKS =
      List.of(
          new QueueIsLinearizable(),
          new ReadsAreLinearizable(),
          new StaleReadsAreOfThePast(),
          new EmptyQueuesAreEmpty(),
          new JobReadsAreLinearizable(),
          new OneLeaderPerEpoch(),
          new WhoOnlyDialsNeverStands(),
          new OneVotePerEpoch(),
          new LeadersHaveAQuorum(),
          new OddOnesStandAside(),
          new EpochsNeverFall(),
          new LeadershipEndsWithItsLease(),
          new WhoCannotLeadStepsDown(),
          new SmallLossesUnseatNobody(),
          new LostFollowersStopNothing(),
          new LeasesAreKept(),
          new NothingOfTheDeposed(),
          new LateOrdersAreRefused(),
          new CancelledJobsDoNotStart(),
          new NothingAcknowledgedIsLost(),
          new EffectsHappenOnce(),
          new FilesAreIdenticalOrAbsent(),
          new DamageIsTold(),
          new OversizedIsRefused(),
          new ReplicasAgree(),
          new FaultsAreDetectedInTime(),
          new ServesDuringFaults(),
          new RecoversInTime(),
          new MembersConverge(),
          new HealthyMembersStayAlive(),
          new EveryNodeComesBack(),
          new NothingIsLeftBehind(),
          new FaultsTookEffect(),
          new HistoryIsWhole());

  public Verdict {
    results = List.copyOf(results);
  }

  /// Runs every checker. Takes time that grows with the history; the search of each item is
  /// bounded.
  ///
  /// @param unmet what the scenario expected beside the invariants and did not get, each a sentence
  public static Verdict of(RunEvidence run, List<String> unmet) {
    var results = new ArrayList<Result>();
    CHECKS.forEach(check -> results.add(check.judge(run)));
    results.add(expectations(run, unmet));
    return new Verdict(results, run.failure());
  }

  /// What is waited for from the first fault on may come later on a machine without time.
  private static Result expectations(RunEvidence run, List<String> unmet) {
    if (unmet.isEmpty() && !run.expectations().more()) {
      return new Result(
          EXPECTATIONS,
          SCENARIO,
          Status.NOT_CONCERNED,
          "the scenario expects nothing beside the invariants",
          List.of());
    }
    if (unmet.isEmpty() && !run.failure().isEmpty()) {
      return new Result(EXPECTATIONS, SCENARIO, Status.UNDECIDED, "the run broke off", List.of());
    }
    long first = run.faults().stream().mapToLong(FaultBand::fromNanos).min().orElse(0);
    boolean starved =
        !unmet.isEmpty() && Starvation.between(run, first, run.setting().length().toNanos());
    String evidence = unmet.size() + " expectations of the scenario are not met";
    if (starved) {
      evidence += ", and " + Starvation.TOLD;
    }
    Status status = starved ? Status.UNDECIDED : unmet.isEmpty() ? Status.KEPT : Status.VIOLATED;
    List<Finding> findings = unmet.stream().limit(Result.MOST).map(Finding::of).toList();
    return new Result(EXPECTATIONS, SCENARIO, status, evidence, findings);
  }

  /// 0 kept; 1 violated, even in a run that could not be done to its end; 2 when the run could not
  /// be done or its evidence does not suffice.
  public int exitCode() {
    if (has(Status.VIOLATED)) {
      return 1;
    }
    return failure.isEmpty() && !has(Status.UNDECIDED) ? 0 : 2;
  }

  /// `kept`, `violated`, `undecided` or `could not run`.
  public String word() {
    return switch (exitCode()) {
      case 0 -> "kept";
      case 1 -> "violated";
      default -> failure.isEmpty() ? "undecided" : "could not run";
    };
  }

  private boolean has(Status status) {
    return results.stream().anyMatch(r -> r.status() == status);
  }
}
