package io.ringrift.managers.sync;

import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Refusal;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// Another cap for what comes from some peers.
///
/// @param glob of node ids: `*` stands for any characters, `?` for one
/// @param bytesPerSecond all transfers from one such peer together; 0 means no cap
public record PeerCap(String glob, long bytesPerSecond) {
  private static final String SETTING = "sync.peer_bandwidth_overrides";

  /// @throws Refusal INVALID_ARGUMENT naming the setting
  public PeerCap {
    if (!glob.matches("[A-Za-z0-9._*?-]{1,64}")) {
      throw Refusal.invalid(SETTING, glob, "1 to 64 of A-Z a-z 0-9 . _ - * ?");
    }
    SyncConfig.within(SETTING + "." + glob, bytesPerSecond, 0, Long.MAX_VALUE);
  }

  boolean covers(NodeId peer) {
    String pattern =
        glob.chars()
            .mapToObj(
                c ->
                    switch (c) {
                      case '*' -> ".*";
                      case '?' -> ".";
                      default -> Pattern.quote(Character.toString(c));
                    })
            .collect(Collectors.joining());
    return peer.value().matches(pattern);
  }
}
