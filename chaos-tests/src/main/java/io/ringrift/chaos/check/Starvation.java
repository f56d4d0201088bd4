package io.ringrift.chaos.check;

import io.ringrift.chaos.evidence.NodeEvent;
import io.ringrift.chaos.evidence.RunEvidence;

/// Whether the machine that everything ran on had no time for the runner.
final class Starvation {
  static final String TOLD = "the machine had no time for the runner";

  private static final long NEVER = Long.MAX_VALUE;

  private Starvation() {}

  /// Whether it was so at any time between these two.
  static boolean between(RunEvidence run, long from, long to) {
    long since = NEVER;
    for (NodeEvent event : run.events()) {
      if (event.kind().equals(NodeEvent.STARVED)) {
        since = event.atNanos();
      } else if (event.kind().equals(NodeEvent.RELIEVED)) {
        if (since <= to && event.atNanos() >= from) {
          return true;
        }
        since = NEVER;
      }
    }
    return since != NEVER && since <= to;
  }
}
