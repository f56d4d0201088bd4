package io.ringrift.kernel.membership;

import io.ringrift.kernel.MembershipEvent;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Delivers membership events serially on one thread of its own. Loops are level-triggered, so a
/// full queue drops the event and says so rather than hold up the detector.
public final class EventDelivery {
  private static final Logger LOG = LoggerFactory.getLogger(EventDelivery.class);
  private static final int QUEUE = 4096;

  private final BlockingQueue<Runnable> queue = new ArrayBlockingQueue<>(QUEUE);
  private final CopyOnWriteArrayList<Predicate<MembershipEvent>> subscribers =
      new CopyOnWriteArrayList<>();
  private final Consumer<MembershipEvent> first;
  private final Thread thread;
  private volatile boolean closed;

  /// @param first sees every event before the subscribers do; may block on the disk
  public EventDelivery(String name, Consumer<MembershipEvent> first) {
    this.first = first;
    this.thread = Thread.ofVirtual().name(name).unstarted(this::run);
  }

  public void start() {
    thread.start();
  }

  public void post(MembershipEvent event) {
    enqueue(() -> deliver(event));
  }

  /// Adds a subscriber behind what is queued now.
  ///
  /// @param opening runs on the delivery thread before the first event
  /// @param subscriber returns false to end its subscription
  /// @return ends the subscription
  public Runnable subscribe(Runnable opening, Predicate<MembershipEvent> subscriber) {
    enqueue(
        () -> {
          subscribers.add(subscriber);
          opening.run();
        });
    return () -> enqueue(() -> subscribers.remove(subscriber));
  }

  public void close() {
    closed = true;
    thread.interrupt();
  }

  private void enqueue(Runnable step) {
    if (!queue.offer(step)) {
      LOG.warn("membership events are not taken in time; one of {} waiting was dropped", QUEUE);
    }
  }

  private void deliver(MembershipEvent event) {
    first.accept(event);
    for (var subscriber : subscribers) {
      if (!subscriber.test(event)) {
        subscribers.remove(subscriber);
      }
    }
  }

  private void run() {
    while (!closed) {
      try {
        queue.take().run();
      } catch (InterruptedException _) {
        closed = true;
      } catch (RuntimeException e) {
        // the edge between the kernel and its subscribers: one that fails must not deafen the rest
        LOG.error("a membership subscriber failed", e);
      }
    }
  }
}
