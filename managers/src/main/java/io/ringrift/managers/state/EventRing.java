package io.ringrift.managers.state;

import io.ringrift.event.v1.Event;
import io.ringrift.kernel.Pure;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// The newest events in the order of the ledger.
@Pure
final class EventRing {
  /// Most events kept.
  static final int MOST_EVENTS = 10_000;

  /// Most bytes kept.
  static final long MOST_BYTES = 8L << 20;

  /// No event is larger.
  private static final long LARGEST = 16 << 10;

  private final Changes changes;
  private final StateClock clock;
  private final TreeMap<Place, Event> events = new TreeMap<>();
  private long bytes;
  private long index;
  private int ordinal;

  EventRing(Changes changes, StateClock clock) {
    this.changes = changes;
    this.clock = clock;
  }

  /// Place of an event; several events may share one ledger index.
  record Place(long index, int ordinal) implements Comparable<Place> {
    @Override
    public int compareTo(Place other) {
      int byIndex = Long.compare(index, other.index);
      return byIndex != 0 ? byIndex : Integer.compare(ordinal, other.ordinal);
    }

    static Place of(Event event) {
      return new Place(event.getIndex(), event.getOrdinal());
    }
  }

  void load(Event event) {
    events.put(Place.of(event), event);
    bytes += event.getSerializedSize();
  }

  /// Events added from here on belong to this ledger index.
  void at(long ledgerIndex) {
    if (ledgerIndex != index) {
      index = ledgerIndex;
      ordinal = 0;
    }
  }

  void add(String kind, String subject, Map<String, String> attributes) {
    var event =
        Event.newBuilder()
            .setIndex(index)
            .setOrdinal(ordinal++)
            .setKind(kind)
            .setTime(clock.wallTime())
            .setSubject(subject)
            .putAllAttributes(attributes)
            .build();
    load(event);
    changes.record(Family.EVENTS, Keys.of(event), null, event);
    while (events.size() > MOST_EVENTS || (bytes > MOST_BYTES && events.size() > 1)) {
      var oldest = events.pollFirstEntry().getValue();
      bytes -= oldest.getSerializedSize();
      changes.record(Family.EVENTS, Keys.of(oldest), oldest, null);
    }
  }

  /// Drops events of this ledger index and later ones.
  void forgetFrom(long ledgerIndex) {
    while (!events.isEmpty() && events.lastKey().index() >= ledgerIndex) {
      var newest = events.pollLastEntry().getValue();
      bytes -= newest.getSerializedSize();
      changes.record(Family.EVENTS, Keys.of(newest), newest, null);
    }
  }

  /// Events behind a place, oldest first.
  List<Event> after(Place place, int limit) {
    var found = new ArrayList<Event>(Math.min(limit, 256));
    for (Event event : events.tailMap(place, false).values()) {
      if (found.size() == limit) {
        break;
      }
      found.add(event);
    }
    return found;
  }

  /// Whether events between the place and the first one kept may have been forgotten: only a ring
  /// that is full, in number or but for one event in bytes, has lost any.
  boolean truncatedAfter(Place place) {
    boolean full = events.size() >= MOST_EVENTS || bytes > MOST_BYTES - LARGEST;
    return full && events.firstKey().compareTo(place) > 0;
  }

  int size() {
    return events.size();
  }

  /// Place of the newest event; the beginning when there is none.
  Place newest() {
    return events.isEmpty() ? new Place(0, 0) : events.lastKey();
  }
}
