package io.ringrift.chaos.run;

import io.ringrift.chaos.evidence.Expectations;
import io.ringrift.chaos.scenario.Scenario;
import io.ringrift.kernel.Timing;
import io.ringrift.kernel.boot.KernelConfig.MembershipMode;
import io.ringrift.kernel.membership.swim.SwimTiming;
import java.time.Duration;

/// How long a loss may stay unseen, and how long recovery may take, by the timing that the nodes of
/// a run have. None of it is measured: a bound that follows a slow build would hide one.
final class DetectionBounds {
  /// A follower may hear the last renewal a lease later than it was sent, and believes it a lease;
  /// of Raft's election time-outs the longest is shorter than a lease.
  private static final int LEASES = 2;

  /// A node that hears of fewer than half doubts itself and waits twice as long.
  private static final int DOUBT = 2;

  /// SWIM's figures are for answers at once. Late ones, as where processes share processors, cost
  /// further turns and a longer suspicion.
  private static final int LATE = 2;

  /// Rounds of probes that a node which hears nobody adds before it suspects.
  private static final int MORE_ROUNDS = 4;

  /// Between what a node believes and what the runner notes of it: two rounds of the watch.
  private static final Duration SLACK = Duration.ofSeconds(1);

  /// From the start of processes to the first answer of all, where all of a cluster share two
  /// processors.
  private static final Duration START = Duration.ofSeconds(15);

  /// A connection that was silent for a time answers a third of it later (RELIABILITY A.1).
  private static final int SILENT = 3;

  private DetectionBounds() {}

  /// What a plan promises: what its scenario says, and else what follows from the timing.
  static Expectations of(RunPlan plan) {
    Scenario scenario = plan.scenario();
    Timing timing = Presets.of(scenario.timing());
    Duration detect = leader(timing, scenario.nodes());
    Duration miss = members(timing, plan.membership(), scenario.nodes()).plus(SLACK);
    Duration started = scenario.startsNodes() ? START : Duration.ZERO;
    // RELIABILITY M7: two leases and the time in which members are missed.
    Duration recovered =
        timing
            .lease()
            .multipliedBy(LEASES)
            .plus(miss)
            .plus(scenario.longest().dividedBy(SILENT))
            .plus(started);
    var expect = scenario.expect();
    return new Expectations(
        detect,
        miss,
        timing.lease().plus(SLACK),
        given(expect.leaderWithin(), detect.plus(started)),
        given(expect.recoveredWithin(), recovered),
        expect.servedThroughout(),
        expect.lateOrder(),
        expect.newLeader()
            || expect.sameEpoch()
            || (scenario.workers() > 0 && scenario.work().kinds().contains("jobs")));
  }

  private static Duration given(Duration told, Duration otherwise) {
    return told.isZero() ? otherwise : told;
  }

  private static Duration leader(Timing timing, int voters) {
    return timing
        .lease()
        .multipliedBy(LEASES)
        .plus(timing.electionTimeout().multipliedBy(voters))
        .plus(SLACK);
  }

  /// From silence to DEAD.
  private static Duration members(Timing timing, MembershipMode membership, int voters) {
    Duration polled =
        timing
            .deadAfter()
            .plus(timing.deadAfter().multipliedBy(timing.maxDriftPerMille()).dividedBy(500))
            .plus(timing.heartbeat())
            .multipliedBy(DOUBT);
    SwimTiming swim = SwimTiming.of(timing);
    Duration probed =
        swim.worstDetection(voters)
            .multipliedBy(LATE)
            .plus(swim.pingInterval().multipliedBy((long) MORE_ROUNDS * voters));
    return switch (membership) {
      case HTTP -> polled;
      case SWIM -> probed;
      // Dead is whom both believe dead.
      case HYBRID -> polled.compareTo(probed) > 0 ? polled : probed;
    };
  }
}
