package io.ringrift.managers.job;

import io.ringrift.job.v1.ExitStatus;
import io.ringrift.job.v1.JobState;
import io.ringrift.kernel.Pure;
import java.util.Optional;

/// What an exit code and the cause of a stop come to.
@Pure
final class Exits {
  private Exits() {}

  /// @param code as a POSIX shell tells it: 128 + n for a process killed by signal n
  static ExitStatus of(int code, Optional<String> stopCause) {
    boolean signalled = code > 128 && code <= 128 + 64;
    var exit = ExitStatus.newBuilder().setCode(signalled ? -1 : code);
    if (signalled) {
      exit.setSignal(code - 128);
    }
    String how = signalled ? "killed by signal " + (code - 128) : "exited with code " + code;
    return stopCause
        .map(cause -> exit.setCause(cause).setDetail(cause + ": " + how))
        .orElseGet(() -> exit.setCause(signalled ? "signal" : "exit").setDetail(how))
        .build();
  }

  /// An end without a process to tell of it.
  static ExitStatus without(String cause, String detail) {
    return ExitStatus.newBuilder().setCode(-1).setCause(cause).setDetail(detail).build();
  }

  static JobState state(ExitStatus exit) {
    return switch (exit.getCause()) {
      case "cancelled" -> JobState.JOB_STATE_CANCELLED;
      case "exit" -> exit.getCode() == 0 ? JobState.JOB_STATE_COMPLETE : JobState.JOB_STATE_FAILED;
      default -> JobState.JOB_STATE_FAILED;
    };
  }

  /// Whether a job in this state has ended for good.
  static boolean ended(JobState state) {
    return switch (state) {
      case JOB_STATE_COMPLETE,
          JOB_STATE_FAILED,
          JOB_STATE_EXPIRED,
          JOB_STATE_CANCELLED,
          JOB_STATE_PROMOTED ->
          true;
      case JOB_STATE_UNSPECIFIED,
          JOB_STATE_PENDING,
          JOB_STATE_CLAIMED,
          JOB_STATE_STARTING,
          JOB_STATE_RUNNING,
          JOB_STATE_LOST,
          UNRECOGNIZED ->
          false;
    };
  }
}
