package io.ringrift.kernel.consensus;

import io.micrometer.core.instrument.Counter;
import io.ringrift.kernel.Audit;
import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.Leadership;
import io.ringrift.kernel.LeadershipEvent;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Role;
import io.ringrift.kernel.time.Moment;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/// What the driver tells the rest of the node: one immutable leadership, events about it, applied
/// indexes, and the audit of it all. The driver thread writes, any thread reads.
public final class Publication implements AutoCloseable {
  private final NodeId self;
  private final Duration lease;
  private final Audit audit;
  private final Counter elections;
  private final LeadershipFeed feed = new LeadershipFeed();
  private final CopyOnWriteArrayList<Courier<Long>> watchers = new CopyOnWriteArrayList<>();
  private volatile Leadership leadership;
  private Moment renewedTold = Moment.MIN;

  /// @param known greatest epoch known from before the restart: what is told until the driver's
  ///   first turn
  /// @param lease how often an unchanged office is audited as renewed
  /// @param elections counts the offices that this node took
  public Publication(NodeId self, Epoch known, Duration lease, Audit audit, Counter elections) {
    this.self = self;
    this.leadership = Leadership.unknown(known);
    this.lease = lease;
    this.audit = audit;
    this.elections = elections;
    feed.announce(leadership);
  }

  /// As the driver made it; what others are told is that at the moment of telling.
  public Leadership leadership() {
    return leadership;
  }

  public boolean leadsNow(Epoch epoch, Moment now) {
    Leadership current = leadership;
    return current.leadsAt(now) && current.epoch().equals(epoch);
  }

  public void announce(Leadership next, Moment now) {
    Leadership before = leadership;
    boolean led = before.role() == Role.LEADER;
    boolean leads = next.role() == Role.LEADER;
    boolean sameOffice = led && leads && before.epoch().equals(next.epoch());
    if (led && !sameOffice) {
      leadership = next;
      audit.record("stepped-down", before.epoch(), Map.of("now", next.epoch().toString()));
    }
    if (leads && !sameOffice) {
      elections.increment();
      renewedTold = now;
      audit.record(
          "elected", next.epoch(), Map.of("leader", self.value(), "lease_ends_ns", ends(next)));
    } else if (leads && now.since(renewedTold).compareTo(lease) >= 0) {
      renewedTold = now;
      audit.record("renewed", next.epoch(), Map.of("lease_ends_ns", ends(next)));
    }
    leadership = next;
    feed.announce(next);
  }

  private static String ends(Leadership leadership) {
    return Long.toString(leadership.leaseEnds().nanos());
  }

  public void openDuties(Epoch epoch) {
    feed.open(epoch);
  }

  /// The office ends before anything else happens: `leadsNow` is false when this returns.
  public void closeDuties(Epoch epoch, String cause) {
    Leadership current = leadership;
    if (current.role() == Role.LEADER && current.epoch().equals(epoch)) {
      leadership = new Leadership(Role.LEADER, current.leader(), epoch, Moment.MIN);
    }
    feed.closeDuties(cause);
  }

  /// This node can say nothing about leadership for a while.
  public void withdraw(String cause, Moment now) {
    Leadership current = leadership;
    closeDuties(current.epoch(), cause);
    announce(Leadership.unknown(current.epoch()), now);
  }

  public AutoCloseable subscribe(Consumer<LeadershipEvent> subscriber) {
    return feed.subscribe(subscriber);
  }

  public AutoCloseable watch(Consumer<Long> watcher) {
    var courier = new Courier<>("applied-index", watcher, List.<Long>of());
    watchers.add(courier);
    return () -> {
      watchers.remove(courier);
      courier.close();
    };
  }

  public void applied(long index) {
    for (Courier<Long> watcher : watchers) {
      watcher.offer(index);
    }
  }

  @Override
  public void close() {
    feed.close();
    watchers.forEach(Courier::close);
    watchers.clear();
  }
}
