package io.ringrift.kernel.gossip;

import io.ringrift.kernel.BootId;
import io.ringrift.kernel.Pure;
import io.ringrift.kernel.wire.FactVersion;
import org.jspecify.annotations.Nullable;

/// Which of two versions is newer, gathered so that a test can plant a fault in a rule and see the
/// simulation catch it. Production knows one instance.
@Pure
class GossipRules {
  static final GossipRules PROTOCOL = new GossipRules();

  /// Of one process start.
  boolean laterOfOneBoot(FactVersion a, FactVersion b) {
    return a.counter() > b.counter();
  }

  /// Of two process starts: membership knows the present one; clocks speak only where it is silent.
  boolean laterBoot(FactVersion a, FactVersion b, @Nullable BootId present) {
    if (a.boot().equals(present) || b.boot().equals(present)) {
      return a.boot().equals(present);
    }
    return a.bootTimeMillis() != b.bootTimeMillis()
        ? a.bootTimeMillis() > b.bootTimeMillis()
        : a.boot().toString().compareTo(b.boot().toString()) > 0;
  }
}
