package io.ringrift.kernel.consensus;

import io.ringrift.kernel.Pure;
import io.ringrift.kernel.time.Moment;
import java.time.Duration;
import java.util.Optional;

/// Notices that this node stalls: a pause of the process, a slow sync. A node that stalls for a
/// part of the lease holds up everybody as a leader, so it withdraws until it has gone well for one
/// whole lease. While no other leads it withdraws for a rest only, counted from the first of a
/// series of stalls: whoever is better off leads by then, and where all are slow alike one of them
/// has to, and goes on with it through the rest of the series. Safety rests on none of this.
@Pure
public final class Vitals {
  /// Shorter is no stall, however short the lease: slow disks and busy machines have such syncs.
  public static final Duration LEAST = Duration.ofSeconds(1);

  private final Duration lease;
  private final Duration rest;
  private Moment lastEnd;
  private Moment fitFrom = Moment.MIN;
  private Moment restEnds = Moment.MIN;

  /// @param rest time in which another voter takes over, if one can
  public Vitals(Duration lease, Duration rest, Moment start) {
    this.lease = lease;
    this.rest = rest;
    this.lastEnd = start;
  }

  /// Turns begin now; what came before is no stall.
  public void starts(Moment now) {
    lastEnd = now;
  }

  /// A turn begins, after waiting at most `wait`.
  ///
  /// @return the cause when the node was away for half a lease
  public Optional<String> begins(Moment now, Duration wait) {
    Duration gap = now.since(lastEnd).minus(wait);
    return late(gap, lease.dividedBy(2), "the process stood still for ", now);
  }

  /// A turn that began then ends now.
  ///
  /// @param onSnapshots its part that went into snapshots: as long as the state is large, and no
  ///   sign of a sick disk
  /// @return the cause when the rest took a third of a lease
  public Optional<String> ends(Moment began, Moment now, Duration onSnapshots) {
    lastEnd = now;
    return late(
        now.since(began).minus(onSnapshots), lease.dividedBy(3), "a turn with its sync took ", now);
  }

  /// The disk failed, or has just come back: worse than a stall, and it gets no shorter rest.
  public void fails(Moment now) {
    lastEnd = now;
    fitFrom = now.plus(lease);
    restEnds = fitFrom;
  }

  /// Whether this node may lead.
  ///
  /// @param led whether another voter is known to lead
  public boolean well(Moment now, boolean led) {
    return !now.isBefore(led ? fitFrom : restEnds);
  }

  private Optional<String> late(Duration took, Duration limit, String what, Moment now) {
    if (took.compareTo(limit) <= 0 || took.compareTo(LEAST) <= 0) {
      return Optional.empty();
    }
    if (!now.isBefore(fitFrom)) {
      Moment rested = now.plus(rest);
      Moment healed = now.plus(lease);
      restEnds = rested.isBefore(healed) ? rested : healed;
    }
    fitFrom = now.plus(lease);
    return Optional.of(what + took.toMillis() + " ms");
  }
}
