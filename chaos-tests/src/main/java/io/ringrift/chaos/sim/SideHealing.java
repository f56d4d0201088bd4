package io.ringrift.chaos.sim;

/// The last part of a run for membership and gossip: waits, within bounds, for equal views and then
/// for equal facts. One thread.
final class SideHealing {
  private final Sides sides;
  private final long viewsBound;
  private final long factsBound;
  private boolean viewsHealed;
  private boolean factsHealed;
  private long took;

  SideHealing(Sides sides, SimConfig config) {
    this.sides = sides;
    var timing = config.timing();
    // RELIABILITY M7 proposes 2 leases and the detection time. A message sent before the end may
    // arrive three leases later; the dead are polled every two dead timeouts, and what a poll tells
    // costs a greeting and a poll more.
    this.viewsBound =
        3 * timing.lease().toNanos()
            + 5 * timing.deadAfter().toNanos()
            + 6 * timing.heartbeat().toNanos();
    this.factsBound = viewsBound + 6 * timing.gossip().toNanos();
  }

  boolean over() {
    return sides.members() == 0 || (viewsHealed && factsHealed);
  }

  long took() {
    return took;
  }

  /// @param passed time since faults were removed
  void look(long passed) {
    if (over()) {
      return;
    }
    if (!viewsHealed) {
      var missing = sides.viewsMissing();
      if (missing.isEmpty() || passed > viewsBound) {
        sides.invariants().viewsHealed(missing);
        viewsHealed = true;
      }
    }
    if (!factsHealed) {
      var missing = sides.factsMissing();
      if (missing.isEmpty() || passed > factsBound) {
        sides.invariants().factsHealed(missing);
        factsHealed = true;
      }
    }
    took = passed;
  }
}
