package io.ringrift.managers.state;

import io.ringrift.job.v1.JobState;
import io.ringrift.kernel.Pure;
import java.util.EnumSet;
import java.util.Set;

/// Life of a job (SPEC 1.4, DESIGN section 6). The table is the whole truth about which state may
/// follow which.
@Pure
final class JobLifecycle {
  private JobLifecycle() {}

  /// States that may follow.
  static Set<JobState> after(JobState from) {
    return switch (from) {
      case JOB_STATE_PENDING ->
          EnumSet.of(
              JobState.JOB_STATE_CLAIMED, JobState.JOB_STATE_EXPIRED, JobState.JOB_STATE_CANCELLED);
      case JOB_STATE_CLAIMED ->
          EnumSet.of(
              JobState.JOB_STATE_PENDING,
              JobState.JOB_STATE_STARTING,
              JobState.JOB_STATE_RUNNING,
              JobState.JOB_STATE_COMPLETE,
              JobState.JOB_STATE_FAILED,
              JobState.JOB_STATE_CANCELLED,
              JobState.JOB_STATE_LOST);
      case JOB_STATE_STARTING ->
          EnumSet.of(
              JobState.JOB_STATE_RUNNING,
              JobState.JOB_STATE_COMPLETE,
              JobState.JOB_STATE_FAILED,
              JobState.JOB_STATE_CANCELLED,
              JobState.JOB_STATE_LOST);
      case JOB_STATE_RUNNING ->
          EnumSet.of(
              JobState.JOB_STATE_COMPLETE,
              JobState.JOB_STATE_FAILED,
              JobState.JOB_STATE_CANCELLED,
              JobState.JOB_STATE_LOST);
      case JOB_STATE_LOST ->
          EnumSet.of(
              JobState.JOB_STATE_STARTING,
              JobState.JOB_STATE_RUNNING,
              JobState.JOB_STATE_COMPLETE,
              JobState.JOB_STATE_FAILED,
              JobState.JOB_STATE_CANCELLED);
      case JOB_STATE_COMPLETE -> EnumSet.of(JobState.JOB_STATE_PROMOTED);
      case JOB_STATE_FAILED,
          JOB_STATE_EXPIRED,
          JOB_STATE_CANCELLED,
          JOB_STATE_PROMOTED,
          JOB_STATE_UNSPECIFIED,
          UNRECOGNIZED ->
          EnumSet.noneOf(JobState.class);
    };
  }

  static boolean allows(JobState from, JobState to) {
    return after(from).contains(to);
  }

  /// No process of the job runs any longer.
  static boolean ended(JobState state) {
    return switch (state) {
      case JOB_STATE_COMPLETE,
          JOB_STATE_FAILED,
          JOB_STATE_EXPIRED,
          JOB_STATE_CANCELLED,
          JOB_STATE_PROMOTED ->
          true;
      case JOB_STATE_PENDING,
          JOB_STATE_CLAIMED,
          JOB_STATE_STARTING,
          JOB_STATE_RUNNING,
          JOB_STATE_LOST,
          JOB_STATE_UNSPECIFIED,
          UNRECOGNIZED ->
          false;
    };
  }

  /// States that a node may report.
  static boolean reportable(JobState state) {
    return switch (state) {
      case JOB_STATE_STARTING,
          JOB_STATE_RUNNING,
          JOB_STATE_COMPLETE,
          JOB_STATE_FAILED,
          JOB_STATE_CANCELLED ->
          true;
      case JOB_STATE_PENDING,
          JOB_STATE_CLAIMED,
          JOB_STATE_EXPIRED,
          JOB_STATE_LOST,
          JOB_STATE_PROMOTED,
          JOB_STATE_UNSPECIFIED,
          UNRECOGNIZED ->
          false;
    };
  }

  /// Name as the seeds write it: without the prefix that the proto's style asks for.
  static String name(JobState state) {
    return state.name().replace("JOB_STATE_", "");
  }
}
