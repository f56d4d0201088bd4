package io.ringrift.managers.queue;

import io.grpc.Context;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.wire.Errors;
import io.ringrift.queue.v1.WorkAnswer;
import io.ringrift.queue.v1.WorkCall;
import io.ringrift.queue.v1.WorkStreamRequest;
import io.ringrift.queue.v1.WorkStreamResponse;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

/// One stream of calls. A message is read when the last one is dealt with and its answers go out,
/// so what a client sends faster than that waits in its own buffers. A claim that waits for work
/// has a virtual thread; without a place in `ClaimDesk` that ends at once with a refusal.
final class WorkStream implements StreamObserver<WorkStreamRequest> {
  private final ServerCallStreamObserver<WorkStreamResponse> call;
  private final StreamedCalls calls;
  private final Context.CancellableContext context = Context.current().withCancellation();
  private final ReentrantLock lock = new ReentrantLock();
  private long done;
  private int waiting;
  private boolean mayRead;
  private boolean halfClosed;
  private boolean ended;

  WorkStream(ServerCallStreamObserver<WorkStreamResponse> call, StreamedCalls calls) {
    this.call = call;
    this.calls = calls;
    call.disableAutoRequest();
    call.setOnReadyHandler(this::readOn);
    call.setOnCancelHandler(this::gone);
    call.request(1);
  }

  @Override
  public void onNext(WorkStreamRequest message) {
    StreamedCalls.Outcome outcome;
    try {
      outcome = calls.run(message.getCallsList());
    } catch (Refusal refusal) {
      fail(Errors.toStatus(refusal));
      return;
    }
    lock.lock();
    try {
      done++;
      waiting += outcome.waiting().size();
      mayRead = true;
      send(outcome.answers());
    } finally {
      lock.unlock();
    }
    outcome.waiting().forEach(this::await);
    readOn();
  }

  private void await(WorkCall claim) {
    Thread.ofVirtual().name("work-stream").start(context.wrap(() -> found(calls.await(claim))));
  }

  private void found(WorkAnswer answer) {
    lock.lock();
    try {
      waiting--;
      send(List.of(answer));
      completeWhenDone();
    } finally {
      lock.unlock();
    }
  }

  /// Under the lock, so that messages never overlap.
  private void send(List<WorkAnswer> answers) {
    if (ended) {
      return;
    }
    try {
      call.onNext(
          WorkStreamResponse.newBuilder().addAllAnswers(answers).setMessagesDone(done).build());
    } catch (StatusRuntimeException clientLeft) {
      ended = true;
    }
  }

  private void readOn() {
    lock.lock();
    try {
      if (mayRead && call.isReady()) {
        mayRead = false;
        call.request(1);
      }
    } finally {
      lock.unlock();
    }
  }

  private void completeWhenDone() {
    if (halfClosed && waiting == 0 && !ended) {
      ended = true;
      call.onCompleted();
      context.cancel(null);
    }
  }

  private void fail(StatusRuntimeException cause) {
    lock.lock();
    try {
      if (!ended) {
        ended = true;
        call.onError(cause);
      }
    } finally {
      lock.unlock();
    }
    context.cancel(cause);
  }

  private void gone() {
    lock.lock();
    try {
      ended = true;
    } finally {
      lock.unlock();
    }
    context.cancel(null);
  }

  @Override
  public void onError(Throwable failure) {
    gone();
  }

  @Override
  public void onCompleted() {
    lock.lock();
    try {
      halfClosed = true;
      completeWhenDone();
    } finally {
      lock.unlock();
    }
  }
}
