package io.ringrift.kernel.consensus;

import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.Leadership;
import io.ringrift.kernel.LeadershipEvent;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/// Tells subscribers who leads: the present answer first, then each change, in order, each
/// subscriber on a virtual thread of its own so that a slow one delays nobody else. Any thread.
final class LeadershipFeed implements AutoCloseable {
  private final ReentrantLock lock = new ReentrantLock();
  private final CopyOnWriteArrayList<Courier<LeadershipEvent>> couriers =
      new CopyOnWriteArrayList<>();
  private LeadershipEvent known = new LeadershipEvent.LeaderUnknown(Epoch.ZERO);
  private Optional<Epoch> duties = Optional.empty();

  AutoCloseable subscribe(Consumer<LeadershipEvent> subscriber) {
    lock.lock();
    try {
      var first = new ArrayList<>(List.of(known));
      duties.ifPresent(epoch -> first.add(new LeadershipEvent.DutiesOpened(epoch)));
      var courier = new Courier<>("leadership", subscriber, first);
      couriers.add(courier);
      return () -> {
        couriers.remove(courier);
        courier.close();
      };
    } finally {
      lock.unlock();
    }
  }

  /// Publishes an answer; a mere renewal says nothing new.
  void announce(Leadership leadership) {
    LeadershipEvent event =
        leadership
            .leader()
            .<LeadershipEvent>map(l -> new LeadershipEvent.LeaderKnown(l, leadership.epoch()))
            .orElse(new LeadershipEvent.LeaderUnknown(leadership.epoch()));
    lock.lock();
    try {
      if (!event.equals(known)) {
        known = event;
        couriers.forEach(c -> c.offer(event));
      }
    } finally {
      lock.unlock();
    }
  }

  void open(Epoch epoch) {
    lock.lock();
    try {
      duties = Optional.of(epoch);
      couriers.forEach(c -> c.offer(new LeadershipEvent.DutiesOpened(epoch)));
    } finally {
      lock.unlock();
    }
  }

  /// Closes the duties of whichever epoch is open; nothing when none is.
  void closeDuties(String cause) {
    lock.lock();
    try {
      duties.ifPresent(
          epoch -> couriers.forEach(c -> c.offer(new LeadershipEvent.DutiesClosed(epoch, cause))));
      duties = Optional.empty();
    } finally {
      lock.unlock();
    }
  }

  /// Delivers what is queued, then ends.
  @Override
  public void close() {
    couriers.forEach(Courier::close);
    couriers.clear();
  }
}
