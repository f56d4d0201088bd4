package io.ringrift.managers.state;

import io.grpc.StatusRuntimeException;
import io.grpc.stub.ServerCallStreamObserver;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.wire.Errors;
import io.ringrift.state.v1.WatchStateResponse;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/// One WatchState stream: hints that its reader has not taken yet are merged into one.
final class StateWatcher {
  private final ServerCallStreamObserver<WatchStateResponse> call;
  private final AtomicReference<ClusterStore.@Nullable Applied> pending = new AtomicReference<>();
  private final Pump pump = new Pump(this::send);
  private volatile boolean ending;
  private boolean ended;

  StateWatcher(ServerCallStreamObserver<WatchStateResponse> call) {
    this.call = call;
  }

  void changed(ClusterStore.Applied applied) {
    pending.accumulateAndGet(applied, StateWatcher::merge);
    pump.wake();
  }

  void wake() {
    pump.wake();
  }

  void end() {
    ending = true;
    pump.wake();
  }

  private static ClusterStore.@Nullable Applied merge(
      ClusterStore.@Nullable Applied a, ClusterStore.@Nullable Applied b) {
    if (a == null || b == null) {
      return a == null ? b : a;
    }
    return new ClusterStore.Applied(
        Math.max(a.index(), b.index()),
        a.jobsChanged() || b.jobsChanged(),
        a.workChanged() || b.workChanged(),
        a.workAvailable() || b.workAvailable());
  }

  /// Runs on the pump's thread only, so that calls of the observer never overlap.
  private void send() {
    if (ended || call.isCancelled()) {
      return;
    }
    try {
      if (ending) {
        ended = true;
        call.onError(stopping());
        return;
      }
      if (call.isReady()) {
        var applied = pending.getAndSet(null);
        if (applied != null) {
          call.onNext(
              WatchStateResponse.newBuilder()
                  .setAppliedIndex(applied.index())
                  .setJobsChanged(applied.jobsChanged())
                  .setWorkChanged(applied.workChanged())
                  .setWorkAvailable(applied.workAvailable())
                  .build());
        }
      }
    } catch (StatusRuntimeException e) {
      // The reader left between the check and the send; its cancel handler frees the slot.
      ended = true;
    }
  }

  private static StatusRuntimeException stopping() {
    return Errors.toStatus(new Refusal(Reason.SHUTTING_DOWN, "the node is stopping"));
  }
}
