package io.ringrift.chaos.run;

import io.ringrift.chaos.evidence.Expectations;
import io.ringrift.kernel.Timing;
import io.ringrift.kernel.boot.KernelConfig.MembershipMode;
import io.ringrift.kernel.membership.swim.SwimTiming;
import java.time.Duration;

/// How long a loss may stay unseen, by the timing that the nodes of a run have. None of it is
/// measured: a bound that follows a slow build would hide one.
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

  private DetectionBounds() {}

  static Expectations of(
      Timing timing, MembershipMode membership, int voters, Duration recoveredWithin) {
    return new Expectations(
        timing
            .lease()
            .multipliedBy(LEASES)
            .plus(timing.electionTimeout().multipliedBy(voters))
            .plus(SLACK),
        members(timing, membership, voters).plus(SLACK),
        recoveredWithin);
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
