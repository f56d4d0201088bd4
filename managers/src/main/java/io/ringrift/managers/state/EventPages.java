package io.ringrift.managers.state;

import io.ringrift.event.v1.Event;
import io.ringrift.kernel.Pure;
import java.util.ArrayList;
import java.util.List;

/// Pages of events that never cut an index in two, because readers go on behind an index.
@Pure
final class EventPages {
  private EventPages() {}

  /// At least one index, otherwise at most `page` events.
  static List<Event> whole(EventRing events, EventRing.Place after, int page) {
    var found = new ArrayList<>(events.after(after, page + 1));
    if (found.size() <= page) {
      return found;
    }
    long cut = found.getLast().getIndex();
    if (found.getFirst().getIndex() == cut) {
      var one = events.after(after, Integer.MAX_VALUE);
      return one.stream().filter(event -> event.getIndex() == cut).toList();
    }
    found.removeIf(event -> event.getIndex() == cut);
    return found;
  }
}
