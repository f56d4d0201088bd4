package io.ringrift.kernel.membership.swim;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Locale;
import java.util.function.IntSupplier;

/// Figures of SWIM; what mode `http` means as well has the same name. Safe for any thread.
final class SwimMetrics {
  private final MeterRegistry registry;
  private final Traffic sentDatagrams;
  private final Traffic sentStreams;
  private final Traffic receivedDatagrams;
  private final Traffic receivedStreams;

  SwimMetrics(MeterRegistry registry) {
    this.registry = registry;
    this.sentDatagrams = new Traffic("sent", "datagram");
    this.sentStreams = new Traffic("sent", "stream");
    this.receivedDatagrams = new Traffic("received", "datagram");
    this.receivedStreams = new Traffic("received", "stream");
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
    (datagram ? sentDatagrams : sentStreams).add(bytes);
  }

  void received(boolean datagram, int bytes) {
    (datagram ? receivedDatagrams : receivedStreams).add(bytes);
  }

  /// Bytes that are no message, or a connection beyond the bound.
  void refused(String what) {
    registry.counter("ringrift.swim.refused", "what", what).increment();
  }

  /// The busiest figures: looked up once.
  private final class Traffic {
    private final Counter messages;
    private final Counter bytes;

    Traffic(String direction, String path) {
      messages = registry.counter("ringrift.swim.messages", "direction", direction, "path", path);
      bytes = registry.counter("ringrift.swim.bytes", "direction", direction, "path", path);
    }

    void add(int size) {
      messages.increment();
      bytes.increment(size);
    }
  }
}
