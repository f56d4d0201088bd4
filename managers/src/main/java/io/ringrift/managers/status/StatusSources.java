package io.ringrift.managers.status;

import io.ringrift.kernel.BootId;
import io.ringrift.kernel.Consensus;
import io.ringrift.kernel.Membership;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.gossip.GossipBoard;
import io.ringrift.kernel.time.Ticker;
import io.ringrift.managers.HealthCheck;
import io.ringrift.managers.Services;
import io.ringrift.status.v1.EffectiveSetting;
import java.time.InstantSource;
import java.util.List;
import java.util.function.Supplier;

/// Where the status comes from.
///
/// @param managers who is asked for its health
/// @param wall for people only
public record StatusSources(
    Identity identity,
    Membership membership,
    Consensus consensus,
    GossipBoard gossip,
    Services services,
    Supplier<List<HealthCheck>> managers,
    Ticker ticker,
    InstantSource wall) {
  /// What does not change while the node runs.
  ///
  /// @param settings effective settings now with their origin, secrets masked
  public record Identity(
      String clusterId,
      NodeId node,
      BootId boot,
      String version,
      String membershipMode,
      String consensusMode,
      Supplier<List<EffectiveSetting>> settings) {}
}
