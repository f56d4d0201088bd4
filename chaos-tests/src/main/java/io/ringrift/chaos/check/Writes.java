package io.ringrift.chaos.check;

import io.ringrift.chaos.history.Kind;
import io.ringrift.chaos.history.Operation;
import java.util.EnumSet;
import java.util.Set;

/// Operations that a leader and a majority were needed for.
final class Writes {
  private static final Set<Kind> CHANGES =
      EnumSet.of(
          Kind.SUBMIT,
          Kind.START,
          Kind.RENEW,
          Kind.COMPLETE,
          Kind.FAIL,
          Kind.RELEASE,
          Kind.CANCEL,
          Kind.REQUEUE,
          Kind.SPAWN,
          Kind.CANCEL_JOB);

  private Writes() {}

  /// Whether it was acknowledged and changed something: a claim that found nothing did not.
  static boolean done(Operation operation) {
    return operation.ok()
        && (CHANGES.contains(operation.kind())
            || (operation.kind() == Kind.CLAIM && !operation.key().isEmpty()));
  }

  /// Whether it was done, and begun and answered between these two times.
  static boolean doneWithin(Operation operation, long from, long to) {
    return done(operation) && operation.invokedNanos() > from && operation.returnedNanos() < to;
  }
}
