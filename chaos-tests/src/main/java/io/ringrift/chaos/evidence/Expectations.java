package io.ringrift.chaos.evidence;

import java.time.Duration;

/// What a scenario promises about time; zero means that nothing is promised.
///
/// @param detectWithin of the begin of a fault that takes the leader away: some node says that
///   another leads, or that nobody does
/// @param recoverWithin of the end of the last fault: one leader, known to every live node, and an
///   operation that is done
public record Expectations(Duration detectWithin, Duration recoverWithin) {
  public static final Expectations NONE = new Expectations(Duration.ZERO, Duration.ZERO);
}
