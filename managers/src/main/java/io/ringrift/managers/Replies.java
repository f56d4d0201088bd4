package io.ringrift.managers;

import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.ringrift.kernel.wire.ErrorMapping;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Answers a unary call from a blocking function or from a future. A `Refusal` goes to the RPC
/// edge, which maps it to a status with its reason.
public final class Replies {
  private Replies() {}

  /// Runs the function on the calling (virtual) thread and completes the call with its value.
  public static <T> void unary(StreamObserver<T> observer, Supplier<T> answer) {
    T value = answer.get();
    observer.onNext(value);
    observer.onCompleted();
  }

  /// Answers a unary call when the future does, on the thread that completes it; none waits. A
  /// failure is told as if the handler had thrown it, also one of the function itself. Called by
  /// the handler, which may leave the function to another thread.
  ///
  /// @param where runs the function
  /// @param what what is answered, for the log
  public static <T> void later(
      StreamObserver<T> observer,
      Executor where,
      Supplier<CompletableFuture<T>> answer,
      String what) {
    // With a handler of its own, an answer to a call that was given up is dropped in silence.
    ((ServerCallStreamObserver<T>) observer).setOnCancelHandler(() -> {});
    var _ =
        CompletableFuture.completedFuture(observer)
            .thenComposeAsync(_ -> answer.get(), where)
            .whenComplete((value, failure) -> tell(observer, value, failure, what));
  }

  private static <T> void tell(
      StreamObserver<T> observer, T value, @Nullable Throwable failure, String what) {
    if (failure == null) {
      observer.onNext(value);
      observer.onCompleted();
    } else {
      observer.onError(ErrorMapping.status(failure, what));
    }
  }
}
