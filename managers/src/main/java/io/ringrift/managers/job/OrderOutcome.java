package io.ringrift.managers.job;

import io.ringrift.kernel.Pure;
import io.ringrift.kernel.Reason;

/// What the refusal of an order says about the order.
@Pure
enum OrderOutcome {
  /// It may have arrived.
  UNKNOWN,
  /// The node has no room for it now.
  NO_ROOM,
  /// This node will never run it.
  UNFIT,
  /// Something newer is known there.
  OVERTAKEN;

  static OrderOutcome of(Reason reason) {
    return switch (reason) {
      case STALE_EPOCH, STALE_CLAIM -> OVERTAKEN;
      case NO_CAPACITY, OVERLOADED, BACKPRESSURE, SHUTTING_DOWN, DISK_FULL -> NO_ROOM;
      case INVALID_ARGUMENT,
          EXEC_NOT_ALLOWED,
          WORKLOAD_NOT_FOUND,
          SPAWN_FAILED,
          STORAGE_FAILED,
          STORAGE_CORRUPT,
          PERMISSION_DENIED,
          UNAUTHENTICATED,
          WRONG_CLUSTER,
          WRONG_NODE,
          SETTINGS_MISMATCH,
          PATH_OUTSIDE_ROOT ->
          UNFIT;
      case NOT_LEADER,
          NO_QUORUM,
          OUTCOME_UNKNOWN,
          REQUEST_ID_REUSED,
          ILLEGAL_TRANSITION,
          JOB_NOT_FOUND,
          WORK_NOT_FOUND,
          NODE_NOT_FOUND,
          LOOP_NOT_FOUND,
          FILE_NOT_FOUND,
          LOG_NOT_FOUND,
          AMBIGUOUS_ID,
          DIGEST_MISMATCH,
          SOURCE_CHANGED,
          UNREACHABLE,
          DEADLINE_EXCEEDED,
          SYNC_IN_PROGRESS,
          INTERNAL ->
          UNKNOWN;
    };
  }
}
