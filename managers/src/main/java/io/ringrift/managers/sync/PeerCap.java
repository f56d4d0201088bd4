package io.ringrift.managers.sync;

import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Refusal;

/// Another cap for what comes from some peers.
///
/// @param glob of node ids: `*` stands for any characters, `?` for one
/// @param bytesPerSecond all transfers from one such peer together; 0 means no cap
public record PeerCap(String glob, long bytesPerSecond) {
  private static final String SETTING = "sync.peer_bandwidth_overrides";

  /// @throws Refusal INVALID_ARGUMENT naming the setting
  public PeerCap {
    Glob.checked(SETTING, glob);
    SyncConfig.within(SETTING + "." + glob, bytesPerSecond, 0, Long.MAX_VALUE);
  }

  boolean covers(NodeId peer) {
    return Glob.covers(glob, peer);
  }
}
