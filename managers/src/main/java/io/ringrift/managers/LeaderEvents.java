package io.ringrift.managers;

import io.grpc.StatusRuntimeException;
import io.ringrift.common.v1.Fence;
import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.Refusal;
import io.ringrift.state.v1.ApplyCommandRequest;
import io.ringrift.state.v1.Command;
import io.ringrift.state.v1.RecordEvent;
import io.ringrift.state.v1.StateServiceGrpc;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Has whoever leads record an event that happened on this node. Best effort: what cannot be
/// recorded is in the log. Blocks, at most 5 s; safe for any thread.
public final class LeaderEvents {
  private static final Logger LOG = LoggerFactory.getLogger(LeaderEvents.class);
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private final Services services;

  public LeaderEvents(Services services) {
    this.services = services;
  }

  /// @return whether it was recorded
  public boolean record(RecordEvent.Builder event) {
    return record("", event);
  }

  /// @param requestId under which one event is recorded once, whoever tells it; may be empty
  /// @return whether it was recorded, now or before
  public boolean record(String requestId, RecordEvent.Builder event) {
    return record(Fence.getDefaultInstance(), requestId, event);
  }

  /// For an event of the leader's own doing: it is not recorded once another epoch has begun.
  ///
  /// @param epoch in which this node leads
  /// @return whether it was recorded
  public boolean record(Epoch epoch, RecordEvent.Builder event) {
    var fence =
        Fence.newBuilder().setEpoch(epoch.value()).setLeaderId(services.self().value()).build();
    return record(fence, "", event);
  }

  private boolean record(Fence fence, String requestId, RecordEvent.Builder event) {
    try {
      var _ =
          StateServiceGrpc.newBlockingStub(services.onLeader())
              .withDeadlineAfter(PATIENCE)
              .applyCommand(
                  ApplyCommandRequest.newBuilder()
                      .setFence(fence)
                      .setCommand(
                          Command.newBuilder().setRequestId(requestId).setRecordEvent(event))
                      .build());
      return true;
    } catch (StatusRuntimeException | Refusal e) {
      LOG.info(
          "event {} of {} was not recorded: {}",
          event.getKind(),
          event.getSubject(),
          e.getMessage());
      return false;
    }
  }
}
