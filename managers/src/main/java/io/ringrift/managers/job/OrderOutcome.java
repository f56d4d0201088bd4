package io.ringrift.managers.job;

import io.ringrift.kernel.Pure;
import io.ringrift.kernel.Reason;
import java.util.Set;

/// What the refusal of an order says about the order.
@Pure
enum OrderOutcome {
  /// It may have arrived; the safe reading of every reason that is not known to say more.
  UNKNOWN,
  /// The node has no room for it now.
  NO_ROOM,
  /// This node will never run it.
  UNFIT,
  /// Something newer is known there.
  OVERTAKEN;

  private static final Set<Reason> NEWER = Set.of(Reason.STALE_EPOCH, Reason.STALE_CLAIM);

  private static final Set<Reason> FULL =
      Set.of(
          Reason.NO_CAPACITY,
          Reason.OVERLOADED,
          Reason.BACKPRESSURE,
          Reason.SHUTTING_DOWN,
          Reason.DISK_FULL);

  private static final Set<Reason> LASTING =
      Set.of(
          Reason.INVALID_ARGUMENT,
          Reason.EXEC_NOT_ALLOWED,
          Reason.WORKLOAD_NOT_FOUND,
          Reason.SPAWN_FAILED,
          Reason.STORAGE_FAILED,
          Reason.STORAGE_CORRUPT,
          Reason.STATE_IN_USE,
          Reason.PERMISSION_DENIED,
          Reason.UNAUTHENTICATED,
          Reason.WRONG_CLUSTER,
          Reason.WRONG_NODE,
          Reason.SETTINGS_MISMATCH,
          Reason.PATH_OUTSIDE_ROOT);

  static OrderOutcome of(Reason reason) {
    if (NEWER.contains(reason)) {
      return OVERTAKEN;
    }
    if (FULL.contains(reason)) {
      return NO_ROOM;
    }
    return LASTING.contains(reason) ? UNFIT : UNKNOWN;
  }

  /// Whether the node would answer its next order likewise.
  static boolean ofNode(Reason reason) {
    return switch (of(reason)) {
      case UNKNOWN, NO_ROOM -> true;
      case UNFIT -> false;
      case OVERTAKEN -> reason == Reason.STALE_EPOCH;
    };
  }
}
