package io.ringrift.managers.sync;

import io.grpc.StatusRuntimeException;
import io.ringrift.kernel.Refusal;
import io.ringrift.managers.Services;
import io.ringrift.state.v1.ApplyCommandRequest;
import io.ringrift.state.v1.Command;
import io.ringrift.state.v1.RecordEvent;
import io.ringrift.state.v1.StateServiceGrpc;
import java.time.Duration;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Tells the cluster how sync went, as events of SPEC 8. Best effort: an event that cannot be
/// recorded is counted and changes nothing.
final class SyncEvents {
  static final String STARTED = "DATA_SYNC_STARTED";
  static final String COMPLETED = "DATA_SYNC_COMPLETED";
  static final String FAILED = "DATA_SYNC_FAILED";
  static final String SOURCE_CORRUPT = "DATA_SOURCE_CORRUPT";
  static final String QUARANTINED = "DATA_FILE_QUARANTINED";
  static final String GARBAGE_REMOVED = "DATA_GARBAGE_REMOVED";

  private static final Logger LOG = LoggerFactory.getLogger(SyncEvents.class);
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private final Services services;
  private final SyncCounters counters;

  SyncEvents(Services services, SyncCounters counters) {
    this.services = services;
    this.counters = counters;
  }

  void record(String kind, String subject, Map<String, String> attributes) {
    var event =
        RecordEvent.newBuilder().setKind(kind).setSubject(subject).putAllAttributes(attributes);
    try {
      StateServiceGrpc.newBlockingStub(services.onLeader())
          .withDeadlineAfter(PATIENCE)
          .applyCommand(
              ApplyCommandRequest.newBuilder()
                  .setCommand(Command.newBuilder().setRecordEvent(event))
                  .build());
      counters.add(SyncCounters.EVENTS, 1);
    } catch (StatusRuntimeException | Refusal e) {
      counters.add(SyncCounters.EVENTS_FAILED, 1);
      LOG.info("event {} of {} was not recorded: {}", kind, subject, e.getMessage());
    }
  }
}
