package io.ringrift.managers.job;

import io.grpc.Context;
import io.grpc.stub.StreamObserver;
import io.ringrift.managers.Services;
import io.ringrift.state.v1.StateServiceGrpc;
import io.ringrift.state.v1.WatchStateRequest;
import io.ringrift.state.v1.WatchStateResponse;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/// Wakes whoever waits for a change of the replicated jobs. Only hastens: a missed hint costs the
/// longest wait, nothing else. Owned by one waiting thread.
final class StateHints implements AutoCloseable {
  private final Services services;
  private final Semaphore bell = new Semaphore(0);
  private final AtomicBoolean open = new AtomicBoolean();
  private final Context.CancellableContext context = Context.ROOT.withCancellation();

  StateHints(Services services) {
    this.services = services;
  }

  /// Waits for a change of a job, or so long.
  void await(Duration longest) throws InterruptedException {
    if (open.compareAndSet(false, true)) {
      context.run(
          () ->
              StateServiceGrpc.newStub(services.local())
                  .watchState(WatchStateRequest.getDefaultInstance(), new Bell()));
    }
    if (bell.tryAcquire(longest.toMillis(), TimeUnit.MILLISECONDS)) {
      bell.drainPermits();
    }
  }

  /// Ends a wait.
  void ring() {
    bell.release();
  }

  private final class Bell implements StreamObserver<WatchStateResponse> {
    @Override
    public void onNext(WatchStateResponse hint) {
      if (hint.getJobsChanged()) {
        bell.release();
      }
    }

    /// The stream is opened again by the next wait; the wait's own length paces that.
    @Override
    public void onError(Throwable failure) {
      open.set(false);
    }

    @Override
    public void onCompleted() {
      open.set(false);
    }
  }

  @Override
  public void close() {
    context.cancel(null);
  }
}
