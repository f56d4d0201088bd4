package io.ringrift.kernel.consensus;

import java.util.Collection;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Hands values to one subscriber, in order, on a virtual thread of its own. Holds at most 1,024
/// back; beyond that the oldest are lost with a warning, and level-triggered subscribers read the
/// present state anyway.
final class Courier<T> implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Courier.class);
  private static final int LIMIT = 1_024;

  private final String name;
  private final Consumer<T> subscriber;

  /// Empty ends the delivery.
  private final LinkedBlockingQueue<Optional<T>> waiting = new LinkedBlockingQueue<>(LIMIT);

  Courier(String name, Consumer<T> subscriber, Collection<T> first) {
    this.name = name;
    this.subscriber = subscriber;
    first.forEach(this::offer);
    Thread.ofVirtual().name(name).start(this::deliver);
  }

  void offer(T value) {
    put(Optional.of(value));
  }

  private void put(Optional<T> value) {
    while (!waiting.offer(value)) {
      LOG.warn("a subscriber of {} is {} events behind; the oldest is lost", name, LIMIT);
      waiting.poll();
    }
  }

  private void deliver() {
    try {
      for (var next = waiting.take(); next.isPresent(); next = waiting.take()) {
        deliver(next.get());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /// The edge between the kernel and its subscribers: one that throws misses one event.
  private void deliver(T value) {
    try {
      subscriber.accept(value);
    } catch (RuntimeException e) {
      LOG.error("a subscriber of {} failed on {}", name, value, e);
    }
  }

  @Override
  public void close() {
    put(Optional.empty());
  }
}
