package io.ringrift.kernel.membership;

import io.ringrift.kernel.time.Moment;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;

/// Lets a log line through once per key and minute. Bounded: beyond its keys it stays silent until
/// old ones expire. Safe for any thread.
public final class OncePerMinute {
  private static final Duration MINUTE = Duration.ofMinutes(1);
  private static final int MAX_KEYS = 256;

  private final Map<String, Moment> last = new HashMap<>();
  private final ReentrantLock lock = new ReentrantLock();

  /// Whether the line may go out now.
  public boolean first(String key, Moment now) {
    lock.lock();
    try {
      last.values().removeIf(at -> now.since(at).compareTo(MINUTE) >= 0);
      if (last.containsKey(key) || last.size() >= MAX_KEYS) {
        return false;
      }
      last.put(key, now);
      return true;
    } finally {
      lock.unlock();
    }
  }
}
