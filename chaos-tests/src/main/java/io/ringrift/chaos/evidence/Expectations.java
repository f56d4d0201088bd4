package io.ringrift.chaos.evidence;

import java.time.Duration;

/// What a scenario promises beside the invariants; a time of zero means that nothing is promised.
///
/// @param detectWithin of the begin of a fault that takes the leader away: some node says that
///   another leads, or that nobody does
/// @param missWithin of the begin of a fault that keeps every sign of life of a node from another:
///   the other holds it for dead
/// @param stepDownWithin of the begin of a fault that keeps a majority from a leader: it says no
///   more that it leads
/// @param leadWithin of the end of the last fault: somebody leads
/// @param recoverWithin of the end of the last fault: one leader, known to every live node, and an
///   operation that is done
/// @param serves while faults go on writes are acknowledged too
/// @param lateOrder an order of a deposed leader reaches a node
/// @param more something that the runner itself looks at behind the last fault
public record Expectations(
    Duration detectWithin,
    Duration missWithin,
    Duration stepDownWithin,
    Duration leadWithin,
    Duration recoverWithin,
    boolean serves,
    boolean lateOrder,
    boolean more) {
  public static final Expectations NONE =
      new Expectations(Duration.ZERO, Duration.ZERO, Duration.ZERO);

  /// Nothing but these bounds.
  public Expectations(Duration detectWithin, Duration missWithin, Duration recoverWithin) {
    this(
        detectWithin, missWithin, Duration.ZERO, Duration.ZERO, recoverWithin, false, false, false);
  }
}
