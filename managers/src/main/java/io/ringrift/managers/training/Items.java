package io.ringrift.managers.training;

import com.google.protobuf.Duration;
import io.ringrift.job.v1.JobSpec;
import io.ringrift.kernel.Pure;
import io.ringrift.queue.v1.WorkItem;
import io.ringrift.queue.v1.WorkSpec;
import io.ringrift.queue.v1.WorkState;
import java.util.Locale;

/// Work items of learning.
@Pure
final class Items {
  private static final int ATTEMPTS = 3;

  private Items() {}

  static WorkSpec spec(String type, JobSpec.Builder job, int priority, java.time.Duration timeout) {
    return WorkSpec.newBuilder()
        .setWorkType(type)
        .setPriority(priority)
        .setJob(job.setJobType(type))
        .setMaxAttempts(ATTEMPTS)
        .setTimeout(Duration.newBuilder().setSeconds(timeout.toSeconds()))
        .build();
  }

  /// It will not go on by itself, and it gave no result.
  static boolean dead(WorkItem item) {
    return switch (item.getState()) {
      case WORK_STATE_FAILED, WORK_STATE_TIMEOUT, WORK_STATE_CANCELLED -> true;
      case WORK_STATE_PENDING,
          WORK_STATE_CLAIMED,
          WORK_STATE_RUNNING,
          WORK_STATE_COMPLETED,
          WORK_STATE_UNSPECIFIED,
          UNRECOGNIZED ->
          false;
    };
  }

  /// It waits or runs.
  static boolean open(WorkItem item) {
    return !dead(item) && item.getState() != WorkState.WORK_STATE_COMPLETED;
  }

  /// How it ended, for people.
  static String ended(WorkItem item) {
    String state = item.getState().name().replace("WORK_STATE_", "").toLowerCase(Locale.ROOT);
    String error = item.getError().isEmpty() ? "" : ": " + item.getError();
    return "work item " + item.getWorkId() + " is " + state + error;
  }
}
