package io.ringrift.kernel.consensus.bully;

import io.ringrift.kernel.Pure;
import io.ringrift.kernel.time.Moment;
import java.time.Duration;
import java.util.Optional;

/// Notices that this node stalls: a pause of the process, a slow sync. A node that stalls for a
/// part of the lease holds up everybody as a leader, so it withdraws until it has gone well for one
/// whole lease.
@Pure
final class Vitals {
  private final Duration lease;
  private Moment lastEnd;
  private Moment fitFrom = Moment.MIN;

  Vitals(Duration lease, Moment start) {
    this.lease = lease;
    this.lastEnd = start;
  }

  /// Turns begin now; what came before is no stall.
  void starts(Moment now) {
    lastEnd = now;
  }

  /// A turn begins, after waiting at most `wait`.
  ///
  /// @return the cause when the node was away for half a lease
  Optional<String> begins(Moment now, Duration wait) {
    Duration gap = now.since(lastEnd).minus(wait);
    return late(gap, lease.dividedBy(2), "the process stood still for ", now);
  }

  /// A turn that began then ends now.
  ///
  /// @param onSnapshots its part that went into snapshots: as long as the state is large, and no
  ///   sign of a sick disk
  /// @return the cause when the rest took a third of a lease
  Optional<String> ends(Moment began, Moment now, Duration onSnapshots) {
    lastEnd = now;
    return late(
        now.since(began).minus(onSnapshots), lease.dividedBy(3), "a turn with its sync took ", now);
  }

  /// The disk failed, or has just come back: as bad as a stall.
  void fails(Moment now) {
    lastEnd = now;
    fitFrom = now.plus(lease);
  }

  /// Whether one lease has passed since the last stall.
  boolean well(Moment now) {
    return !now.isBefore(fitFrom);
  }

  private Optional<String> late(Duration took, Duration limit, String what, Moment now) {
    if (took.compareTo(limit) <= 0) {
      return Optional.empty();
    }
    fitFrom = now.plus(lease);
    return Optional.of(what + took.toMillis() + " ms");
  }
}
