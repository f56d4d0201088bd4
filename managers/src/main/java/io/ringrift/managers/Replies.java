package io.ringrift.managers;

import io.grpc.stub.StreamObserver;
import java.util.function.Supplier;

/// Answers a unary call from a blocking function. A `Refusal` goes to the RPC edge, which maps it
/// to a status with its reason.
public final class Replies {
  private Replies() {}

  /// Runs the function on the calling (virtual) thread and completes the call with its value.
  public static <T> void unary(StreamObserver<T> observer, Supplier<T> answer) {
    T value = answer.get();
    observer.onNext(value);
    observer.onCompleted();
  }
}
