package io.ringrift.kernel.membership.swim;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Locale;
import java.util.function.IntSupplier;

/// Figures of SWIM; what mode `http` means as well has the same name. Safe for any thread.
final class SwimMetrics {
  private final MeterRegistry registry;

  SwimMetrics(MeterRegistry registry) {
    this.registry = registry;
  }

  /// @param score from 0, sound, to 8
  void watch(IntSupplier score) {
    Gauge.builder("ringrift.swim.local.health", score, IntSupplier::getAsInt).register(registry);
  }

  void probed(boolean answered) {
    registry.counter("ringrift.membership.polls", "result", answered ? "ok" : "failed").increment();
  }

  void introduced(boolean admitted) {
    registry
        .counter("ringrift.membership.hellos", "result", admitted ? "ok" : "failed")
        .increment();
  }

  void trouble(SwimEffect.Trouble trouble) {
    registry
        .counter("ringrift.membership.trouble", "kind", trouble.name().toLowerCase(Locale.ROOT))
        .increment();
  }

  /// A message that found no room; the protocol survives it.
  void lost() {
    registry.counter("ringrift.membership.inbox.lost").increment();
  }

  void sent(boolean datagram, int bytes) {
    count("sent", datagram, bytes);
  }

  void received(boolean datagram, int bytes) {
    count("received", datagram, bytes);
  }

  /// Bytes that are no message, or a connection beyond the bound.
  void refused(String what) {
    registry.counter("ringrift.swim.refused", "what", what).increment();
  }

  private void count(String direction, boolean datagram, int bytes) {
    String path = datagram ? "datagram" : "stream";
    registry.counter("ringrift.swim.messages", "direction", direction, "path", path).increment();
    registry.counter("ringrift.swim.bytes", "direction", direction, "path", path).increment(bytes);
  }
}
