package io.ringrift.kernel.membership.http;

import io.micrometer.core.instrument.MeterRegistry;
import java.util.Locale;
import java.util.function.Supplier;

/// Figures of http membership. Safe for any thread.
final class PollMetrics {
  private final MeterRegistry registry;

  PollMetrics(MeterRegistry registry, Supplier<DetectorLoop.View> view) {
    this.registry = registry;
    io.micrometer.core.instrument.Gauge.builder(
            "ringrift.membership.doubt", view, v -> v.get().doubt())
        .register(registry);
  }

  void polled(boolean answered) {
    registry.counter("ringrift.membership.polls", "result", answered ? "ok" : "failed").increment();
  }

  void greeted(boolean admitted) {
    registry
        .counter("ringrift.membership.hellos", "result", admitted ? "ok" : "failed")
        .increment();
  }

  void trouble(PollEffect.Trouble trouble) {
    registry.counter("ringrift.membership.trouble", "kind", lower(trouble.name())).increment();
  }

  void lost() {
    registry.counter("ringrift.membership.inbox.lost").increment();
  }

  private static String lower(String name) {
    return name.toLowerCase(Locale.ROOT);
  }
}
