package io.ringrift.managers;

import io.grpc.Context;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.ringrift.kernel.time.Moment;
import io.ringrift.kernel.time.Ticker;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/// Errors of a manager since something last went well, for health (SPEC 5, generic manager). They
/// are forgotten once none has come for a while: who is asked no more, as a leader that was, would
/// be sick for ever. Safe for any thread.
public final class ErrorsInARow {
  /// Longer than a loop pauses between two rounds that fail.
  static final Duration REMEMBERED = Duration.ofMinutes(10);

  private final Ticker ticker;
  private final AtomicLong errors = new AtomicLong();
  private volatile Moment latest = Moment.MIN;

  public ErrorsInARow(Ticker ticker) {
    this.ticker = ticker;
  }

  /// Does what may fail and notes how it went. A refusal is an answer, so it is no error: whoever
  /// asks the wrong node makes no manager sick. Nor does one who waits too short a time.
  public <T> T count(Supplier<T> act) {
    try {
      T value = act.get();
      errors.set(0);
      return value;
    } catch (StatusRuntimeException failure) {
      if (isError(failure.getStatus().getCode())) {
        errors.updateAndGet(before -> stale() ? 1 : before + 1);
        latest = ticker.now();
      }
      throw failure;
    }
  }

  private static boolean isError(Status.Code code) {
    return switch (code) {
      case INTERNAL, UNKNOWN, DATA_LOSS -> true;
      case DEADLINE_EXCEEDED -> !callersTimeIsOver();
      case OK,
          CANCELLED,
          INVALID_ARGUMENT,
          NOT_FOUND,
          ALREADY_EXISTS,
          PERMISSION_DENIED,
          RESOURCE_EXHAUSTED,
          FAILED_PRECONDITION,
          ABORTED,
          OUT_OF_RANGE,
          UNIMPLEMENTED,
          UNAVAILABLE,
          UNAUTHENTICATED ->
          false;
    };
  }

  private static boolean callersTimeIsOver() {
    var deadline = Context.current().getDeadline();
    return deadline != null && deadline.isExpired();
  }

  private boolean stale() {
    return ticker.now().since(latest).compareTo(REMEMBERED) > 0;
  }

  /// Health by the errors so far.
  public Health health(Map<String, String> details) {
    return Health.byErrors(stale() ? 0 : errors.get(), details);
  }
}
