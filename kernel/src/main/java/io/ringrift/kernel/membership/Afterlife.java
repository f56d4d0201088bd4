package io.ringrift.kernel.membership;

import io.ringrift.kernel.MemberState;
import io.ringrift.kernel.Pure;
import io.ringrift.kernel.Timing;
import java.time.Duration;

/// What becomes of a member that is DEAD or LEFT (SPEC 2.4).
@Pure
public enum Afterlife {
  /// Nothing yet.
  REST,
  /// DEAD for so long that it no longer counts as part of the cluster.
  RETIRE,
  /// Gone for so long that it is forgotten.
  PURGE;

  /// @param settled time since it became DEAD or LEFT
  public static Afterlife of(MemberState state, boolean retired, Duration settled, Timing timing) {
    if (state != MemberState.DEAD && state != MemberState.LEFT) {
      return REST;
    }
    if (settled.compareTo(timing.purgeAfter()) > 0) {
      return PURGE;
    }
    boolean due = state == MemberState.DEAD && !retired;
    return due && settled.compareTo(timing.retireAfter()) > 0 ? RETIRE : REST;
  }
}
