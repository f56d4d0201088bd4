package io.ringrift.managers.watch;

import io.ringrift.kernel.Pure;
import java.time.Duration;

/// How leaders are counted (SPEC 3.6 and 6, SplitBrainDetection).
///
/// @param requestTimeout longest wait for the answers of a round
/// @param minPeers other nodes that have to be known before a round says anything
/// @param alertAfter how long two leaders have to be seen for the alert
/// @param resyncDelay rest after the heal before the data loops are woken
@Pure
record SplitBrainConfig(
    Duration interval,
    Duration delay,
    Duration requestTimeout,
    int minPeers,
    Duration alertAfter,
    Duration resyncDelay) {
  static final SplitBrainConfig DEFAULT =
      new SplitBrainConfig(
          Duration.ofMinutes(1),
          Duration.ofMinutes(2),
          Duration.ofSeconds(5),
          3,
          Duration.ofMinutes(10),
          Duration.ofMinutes(1));

  SplitBrainConfig {
    Checks.positive("split_brain.interval", interval);
    Checks.notNegative("split_brain.delay", delay);
    Checks.positive("split_brain.request_timeout", requestTimeout);
    Checks.atLeast("split_brain.min_peers", minPeers, 1);
    Checks.positive("split_brain.alert_after", alertAfter);
    Checks.notNegative("split_brain.resync_delay", resyncDelay);
  }
}
