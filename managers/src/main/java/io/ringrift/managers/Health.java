package io.ringrift.managers;

import java.util.Map;

/// Health of a manager in the seeds' shape (SPEC 5).
///
/// @param message for people
/// @param details figures by name
public record Health(Status status, String message, Map<String, String> details) {
  /// Status values of SPEC 5; the name in lower case goes on the wire.
  public enum Status {
    INITIALIZING,
    STARTING,
    READY,
    RUNNING,
    PAUSED,
    DRAINING,
    STOPPING,
    STOPPED,
    ERROR,
    DEGRADED
  }

  public static Health running(Map<String, String> details) {
    return new Health(Status.RUNNING, "operational", details);
  }

  public static Health degraded(String message, Map<String, String> details) {
    return new Health(Status.DEGRADED, message, details);
  }

  public static Health error(String message, Map<String, String> details) {
    return new Health(Status.ERROR, message, details);
  }

  /// Absolute thresholds of SPEC 5: more than 10 errors since the last success is an error, more
  /// than 5 is degraded.
  public static Health byErrors(long errors, Map<String, String> details) {
    if (errors > 10) {
      return error(errors + " errors since the last success", details);
    }
    if (errors > 5) {
      return degraded(errors + " errors since the last success", details);
    }
    return running(details);
  }

  /// Ratio thresholds of SPEC 5.3 and 5.4: more than half failed is an error, more than a fifth is
  /// degraded.
  public static Health byFailureRate(long failed, long completed, Map<String, String> details) {
    long all = failed + completed;
    double rate = all == 0 ? 0 : (double) failed / all;
    if (rate > 0.5) {
      return error("failure rate " + Math.round(rate * 100) + " %", details);
    }
    if (rate > 0.2) {
      return degraded("failure rate " + Math.round(rate * 100) + " %", details);
    }
    return running(details);
  }

  /// DEGRADED is still fit for duty, ERROR and STOPPED are not.
  public boolean healthy() {
    return status != Status.ERROR && status != Status.STOPPED;
  }
}
