package io.ringrift.chaos.evidence;

import java.util.List;

/// A fault and when it was there.
///
/// @param name as the scenario calls it
/// @param targets nodes, or links as `a>b`
/// @param fromNanos since the run's start, when it took effect
/// @param toNanos when it was taken back; the same as `fromNanos` for a blow as a kill
/// @param effect what shows that it happened, as a count of dropped bytes or an exit status; empty
///   when nothing shows it, and then the run proves nothing
/// @param takesLeader it hits who said that it leads, at that time
public record FaultBand(
    String name,
    List<String> targets,
    long fromNanos,
    long toNanos,
    String effect,
    boolean takesLeader) {
  public FaultBand {
    targets = List.copyOf(targets);
  }
}
