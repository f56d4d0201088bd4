package io.ringrift.managers.state;

import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/// The open streams of one service, bounded.
final class StreamSlots<T> {
  private final Set<T> open = ConcurrentHashMap.newKeySet();
  private final AtomicInteger count = new AtomicInteger();
  private final int most;

  StreamSlots(int most) {
    this.most = most;
  }

  /// @throws Refusal OVERLOADED when all slots are taken
  void add(T stream) {
    if (count.incrementAndGet() > most) {
      count.decrementAndGet();
      throw new Refusal(
          Reason.OVERLOADED, most + " streams are open already; close some or ask another node");
    }
    open.add(stream);
  }

  void remove(T stream) {
    if (open.remove(stream)) {
      count.decrementAndGet();
    }
  }

  Set<T> all() {
    return open;
  }
}
