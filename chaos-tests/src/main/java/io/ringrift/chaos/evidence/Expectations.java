package io.ringrift.chaos.evidence;

import java.time.Duration;

/// What a scenario promises about time; zero means that nothing is promised.
///
/// @param detectWithin of the begin of a fault that takes the leader away: some node says that
///   another leads, or that nobody does
/// @param missWithin of the begin of a fault that keeps every sign of life of a node from another:
///   the other holds it for dead
/// @param recoverWithin of the end of the last fault: one leader, known to every live node, and an
///   operation that is done
public record Expectations(Duration detectWithin, Duration missWithin, Duration recoverWithin) {
  public static final Expectations NONE =
      new Expectations(Duration.ZERO, Duration.ZERO, Duration.ZERO);
}
