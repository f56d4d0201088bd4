package io.ringrift.managers.state;

import io.ringrift.kernel.Pure;
import io.ringrift.queue.v1.WorkState;
import java.util.EnumSet;
import java.util.Set;

/// Life of a work item (SPEC 1.5). The table is the whole truth about which state may follow which.
@Pure
final class WorkLifecycle {
  private WorkLifecycle() {}

  /// States that may follow.
  static Set<WorkState> after(WorkState from) {
    return switch (from) {
      case WORK_STATE_PENDING ->
          EnumSet.of(WorkState.WORK_STATE_CLAIMED, WorkState.WORK_STATE_CANCELLED);
      case WORK_STATE_CLAIMED ->
          EnumSet.of(
              WorkState.WORK_STATE_PENDING,
              WorkState.WORK_STATE_RUNNING,
              WorkState.WORK_STATE_COMPLETED,
              WorkState.WORK_STATE_FAILED,
              WorkState.WORK_STATE_CANCELLED,
              WorkState.WORK_STATE_TIMEOUT);
      case WORK_STATE_RUNNING ->
          EnumSet.of(
              WorkState.WORK_STATE_PENDING,
              WorkState.WORK_STATE_COMPLETED,
              WorkState.WORK_STATE_FAILED,
              WorkState.WORK_STATE_CANCELLED,
              WorkState.WORK_STATE_TIMEOUT);
      case WORK_STATE_FAILED, WORK_STATE_TIMEOUT -> EnumSet.of(WorkState.WORK_STATE_PENDING);
      case WORK_STATE_COMPLETED, WORK_STATE_CANCELLED, WORK_STATE_UNSPECIFIED, UNRECOGNIZED ->
          EnumSet.noneOf(WorkState.class);
    };
  }

  static boolean allows(WorkState from, WorkState to) {
    return after(from).contains(to);
  }

  /// A worker holds it.
  static boolean held(WorkState state) {
    return state == WorkState.WORK_STATE_CLAIMED || state == WorkState.WORK_STATE_RUNNING;
  }

  /// Nobody will work on it unless it is put back.
  static boolean ended(WorkState state) {
    return switch (state) {
      case WORK_STATE_COMPLETED, WORK_STATE_FAILED, WORK_STATE_CANCELLED, WORK_STATE_TIMEOUT ->
          true;
      case WORK_STATE_PENDING,
          WORK_STATE_CLAIMED,
          WORK_STATE_RUNNING,
          WORK_STATE_UNSPECIFIED,
          UNRECOGNIZED ->
          false;
    };
  }

  /// Name as the seeds write it: without the prefix that the proto's style asks for.
  static String name(WorkState state) {
    return state.name().replace("WORK_STATE_", "");
  }
}
