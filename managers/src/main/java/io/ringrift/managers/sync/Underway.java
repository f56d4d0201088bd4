package io.ringrift.managers.sync;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// The paths that are being received or put away: each has one writer at a time. Safe for any
/// thread; bounded by the transfers that the node admits.
final class Underway {
  private final Set<String> paths = ConcurrentHashMap.newKeySet();

  /// @return false when somebody else has it
  boolean begin(String path) {
    return paths.add(path);
  }

  void end(String path) {
    paths.remove(path);
  }
}
