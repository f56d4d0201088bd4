package io.ringrift.kernel.membership.http;

import io.micrometer.core.instrument.MeterRegistry;
import io.ringrift.kernel.Member;
import io.ringrift.kernel.MemberState;
import io.ringrift.kernel.MembershipEvent;
import java.util.Locale;
import java.util.function.Supplier;

/// Figures of http membership. Safe for any thread.
final class PollMetrics {
  private final MeterRegistry registry;

  PollMetrics(MeterRegistry registry, Supplier<DetectorLoop.View> view) {
    this.registry = registry;
    for (MemberState state : MemberState.values()) {
      io.micrometer.core.instrument.Gauge.builder(
              "ringrift.members", view, v -> count(v.get(), state))
          .tag("state", lower(state.name()))
          .register(registry);
    }
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

  void changed(MembershipEvent event) {
    registry
        .counter("ringrift.membership.events", "kind", lower(event.getClass().getSimpleName()))
        .increment();
  }

  void trouble(PollEffect.Trouble trouble) {
    registry.counter("ringrift.membership.trouble", "kind", lower(trouble.name())).increment();
  }

  void lost() {
    registry.counter("ringrift.membership.inbox.lost").increment();
  }

  private static double count(DetectorLoop.View view, MemberState state) {
    return view.members().stream().map(Member::state).filter(state::equals).count();
  }

  private static String lower(String name) {
    return name.toLowerCase(Locale.ROOT);
  }
}
