package io.ringrift.kernel.wire;

import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.ringrift.kernel.Refusal;
import java.util.concurrent.CompletionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The RPC edge: a `Refusal` thrown by a service becomes its status, a status thrown by a call that
/// the service made is passed on, anything else is logged and becomes INTERNAL without its text.
public final class ErrorMapping implements ServerInterceptor {
  private static final Logger LOG = LoggerFactory.getLogger(ErrorMapping.class);

  @Override
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    return new SimpleForwardingServerCallListener<>(next.startCall(call, headers)) {
      @Override
      public void onMessage(Q message) {
        guard(call, () -> super.onMessage(message));
      }

      @Override
      public void onHalfClose() {
        guard(call, super::onHalfClose);
      }

      @Override
      public void onReady() {
        guard(call, super::onReady);
      }
    };
  }

  private static <Q, A> void guard(ServerCall<Q, A> call, Runnable step) {
    try {
      step.run();
    } catch (RuntimeException e) {
      StatusRuntimeException failure = status(e, call.getMethodDescriptor().getFullMethodName());
      Metadata trailers = failure.getTrailers();
      call.close(failure.getStatus(), trailers == null ? new Metadata() : trailers);
    }
  }

  /// What a client is told of a failure, also of one that comes after the handler returned.
  ///
  /// @param what what failed, for the log
  public static StatusRuntimeException status(Throwable failure, String what) {
    return switch (failure) {
      case Refusal refusal -> Errors.toStatus(refusal);
      case StatusRuntimeException passedOn -> passedOn;
      case CompletionException around when around.getCause() != null ->
          status(around.getCause(), what);
      default -> {
        LOG.error("{} failed", what, failure);
        yield Status.INTERNAL
            .withDescription("internal error; the node's log has the cause")
            .asRuntimeException();
      }
    };
  }
}
