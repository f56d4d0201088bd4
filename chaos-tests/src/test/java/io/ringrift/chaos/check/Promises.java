package io.ringrift.chaos.check;

import io.ringrift.chaos.evidence.Expectations;
import java.time.Duration;

/// What a scenario promises, told in seconds, for tests; zero for nothing.
final class Promises {
  private Promises() {}

  static Expectations of(double detect, double miss, double stepDown, double recover) {
    return of(detect, miss, stepDown, 0, recover, false, false);
  }

  /// A bound for who leads, and one for all.
  static Expectations recovery(double lead, double recover) {
    return of(0, 0, 0, lead, recover, false, false);
  }

  /// Writes are done during faults.
  static Expectations service(double detect) {
    return of(detect, 0, detect, 0, 0, true, false);
  }

  /// An order of a deposed leader comes to a node.
  static Expectations lateOrder() {
    return of(0, 0, 0, 0, 0, false, true);
  }

  private static Expectations of(
      double detect,
      double miss,
      double stepDown,
      double lead,
      double recover,
      boolean serves,
      boolean lateOrder) {
    return new Expectations(
        span(detect),
        span(miss),
        span(stepDown),
        span(lead),
        span(recover),
        serves,
        lateOrder,
        false);
  }

  /// Something that the runner itself looks at.
  static Expectations more() {
    return new Expectations(
        Duration.ZERO,
        Duration.ZERO,
        Duration.ZERO,
        Duration.ZERO,
        Duration.ZERO,
        false,
        false,
        true);
  }

  private static Duration span(double seconds) {
    return Duration.ofNanos(Story.nanos(seconds));
  }
}
