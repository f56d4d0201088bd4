package io.ringrift.managers.sync;

import io.ringrift.kernel.time.Moment;
import io.ringrift.kernel.time.Ticker;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/// Copies that this node has promised not to remove, because another one removes its own on the
/// strength of that. A promise ends by itself; a node that starts anew has none, and whoever relied
/// on it has long removed or given up. Safe for any thread.
final class Pins {
  /// The other node acts within a fraction of this.
  static final Duration KEPT = Duration.ofMinutes(5);

  private static final int MOST = 100_000;

  private final Ticker ticker;
  private final Map<String, Moment> until = new HashMap<>();

  Pins(Ticker ticker) {
    this.ticker = ticker;
  }

  /// @return false when too many are kept already: nothing is promised then
  synchronized boolean keep(String path) {
    Moment now = ticker.now();
    if (until.size() >= MOST) {
      until.values().removeIf(end -> end.isBefore(now));
    }
    if (until.size() >= MOST && !until.containsKey(path)) {
      return false;
    }
    until.put(path, now.plus(KEPT));
    return true;
  }

  synchronized boolean keeps(String path) {
    Moment end = until.get(path);
    if (end != null && end.isBefore(ticker.now())) {
      until.remove(path);
      return false;
    }
    return end != null;
  }
}
