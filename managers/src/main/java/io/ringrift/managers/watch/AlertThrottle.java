package io.ringrift.managers.watch;

import io.ringrift.kernel.Pure;
import io.ringrift.kernel.time.Moment;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/// Lets an alert through when its key has rested and the hour has room. Remembers no more keys than
/// an hour has room for.
@Pure
final class AlertThrottle {
  private static final Duration HOUR = Duration.ofHours(1);

  private final Duration rest;
  private final int mostPerHour;
  private final Map<String, Moment> sent = new HashMap<>();
  private final java.util.ArrayDeque<Moment> lately = new java.util.ArrayDeque<>();

  AlertThrottle(Duration rest, int mostPerHour) {
    this.rest = rest;
    this.mostPerHour = mostPerHour;
  }

  /// True when the alert may go out now; it is counted then.
  boolean admits(Moment now, String key) {
    sent.values().removeIf(at -> now.since(at).compareTo(rest) >= 0);
    while (!lately.isEmpty() && now.since(lately.getFirst()).compareTo(HOUR) >= 0) {
      lately.removeFirst();
    }
    if (sent.containsKey(key) || lately.size() >= mostPerHour) {
      return false;
    }
    sent.put(key, now);
    lately.addLast(now);
    return true;
  }
}
