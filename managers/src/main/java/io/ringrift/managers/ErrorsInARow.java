package io.ringrift.managers;

import io.grpc.StatusRuntimeException;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/// Errors of a manager since something last went well, for health (SPEC 5, generic manager). Safe
/// for any thread.
public final class ErrorsInARow {
  private final AtomicLong errors = new AtomicLong();

  /// Does what may fail and notes how it went. A refusal is an answer, so it is no error: whoever
  /// asks the wrong node makes no manager sick.
  public <T> T count(Supplier<T> act) {
    try {
      T value = act.get();
      errors.set(0);
      return value;
    } catch (StatusRuntimeException failure) {
      switch (failure.getStatus().getCode()) {
        case INTERNAL, UNKNOWN, DATA_LOSS, DEADLINE_EXCEEDED -> errors.incrementAndGet();
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
            UNAUTHENTICATED -> {}
      }
      throw failure;
    }
  }

  /// Health by the errors so far.
  public Health health(Map<String, String> details) {
    return Health.byErrors(errors.get(), details);
  }
}
