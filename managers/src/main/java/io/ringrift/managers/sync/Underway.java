package io.ringrift.managers.sync;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// The paths that are being received or put away: each has one writer at a time. Two paths of equal
/// short hashes wait for each other. Safe for any thread; bounded by the transfers that the node
/// admits.
final class Underway {
  private final Set<String> hashes = ConcurrentHashMap.newKeySet();

  /// @return false when somebody else has it
  boolean begin(String path) {
    return beginHash(SafePath.pathHash(path));
  }

  void end(String path) {
    endHash(SafePath.pathHash(path));
  }

  /// The same for whoever knows only what names of partial files tell of a path.
  boolean beginHash(String pathHash) {
    return hashes.add(pathHash);
  }

  void endHash(String pathHash) {
    hashes.remove(pathHash);
  }
}
