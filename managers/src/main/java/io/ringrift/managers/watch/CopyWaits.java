package io.ringrift.managers.watch;

import io.ringrift.kernel.Pure;
import io.ringrift.kernel.time.Moment;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/// How long drained nodes have waited until others hold what they hold. Some wait for ever: for a
/// path with two contents, for receivers without room. Those are given back to work, and left alone
/// for a while. As long as one leader leads.
@Pure
final class CopyWaits {
  /// Longest wait, and the rest of who waited so long.
  static final Duration PATIENCE = Duration.ofHours(1);

  private final Map<String, Moment> since = new HashMap<>();
  private final Map<String, Moment> restUntil = new HashMap<>();

  /// Forgets whoever is no longer drained.
  void keep(Set<String> drained) {
    since.keySet().retainAll(drained);
  }

  void clear() {
    since.clear();
    restUntil.clear();
  }

  /// @return whether that node has waited too long; it rests from now on
  boolean tooLong(String node, Moment now) {
    if (now.since(since.computeIfAbsent(node, _ -> now)).compareTo(PATIENCE) < 0) {
      return false;
    }
    since.remove(node);
    restUntil.put(node, now.plus(PATIENCE));
    return true;
  }

  boolean rests(String node, Moment now) {
    restUntil.values().removeIf(until -> !until.isAfter(now));
    return restUntil.containsKey(node);
  }
}
