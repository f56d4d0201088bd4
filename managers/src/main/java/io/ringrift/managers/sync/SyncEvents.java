package io.ringrift.managers.sync;

import io.ringrift.kernel.Epoch;
import io.ringrift.managers.LeaderEvents;
import io.ringrift.managers.Services;
import io.ringrift.state.v1.RecordEvent;
import java.util.Map;

/// Tells the cluster how sync went, as events of SPEC 8. Best effort: an event that cannot be
/// recorded is counted and changes nothing.
final class SyncEvents {
  static final String STARTED = "DATA_SYNC_STARTED";
  static final String COMPLETED = "DATA_SYNC_COMPLETED";
  static final String FAILED = "DATA_SYNC_FAILED";
  static final String TARGET_FAILING = "DATA_SYNC_TARGET_FAILING";
  static final String TARGET_RECOVERED = "DATA_SYNC_TARGET_RECOVERED";
  static final String SOURCE_CORRUPT = "DATA_SOURCE_CORRUPT";
  static final String QUARANTINED = "DATA_FILE_QUARANTINED";
  static final String GARBAGE_REMOVED = "DATA_GARBAGE_REMOVED";

  private final LeaderEvents events;
  private final SyncCounters counters;

  SyncEvents(Services services, SyncCounters counters) {
    this.events = new LeaderEvents(services);
    this.counters = counters;
  }

  /// Tells what this node found, whoever leads.
  void record(String kind, String subject, Map<String, String> attributes) {
    count(events.record(event(kind, subject, attributes)));
  }

  /// Tells what the leader of this epoch does; refused once another has begun.
  void record(Epoch epoch, String kind, String subject, Map<String, String> attributes) {
    count(events.record(epoch, event(kind, subject, attributes)));
  }

  private static RecordEvent.Builder event(
      String kind, String subject, Map<String, String> attributes) {
    return RecordEvent.newBuilder().setKind(kind).setSubject(subject).putAllAttributes(attributes);
  }

  private void count(boolean recorded) {
    counters.add(recorded ? SyncCounters.EVENTS : SyncCounters.EVENTS_FAILED, 1);
  }
}
