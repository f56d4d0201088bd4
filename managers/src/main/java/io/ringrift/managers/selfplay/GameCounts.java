package io.ringrift.managers.selfplay;

import java.util.Map;
import java.util.Optional;

/// Games that the cluster holds. Never blocks; any thread.
@FunctionalInterface
public interface GameCounts {
  /// Self-play games by config_key, each file once; empty while the manifests of the cluster are
  /// not known here.
  Optional<Map<String, Long>> byConfig();
}
