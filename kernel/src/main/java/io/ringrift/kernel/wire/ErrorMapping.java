package io.ringrift.kernel.wire;

import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.ringrift.kernel.Refusal;
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
    } catch (Refusal refusal) {
      close(call, Errors.toStatus(refusal));
    } catch (StatusRuntimeException passedOn) {
      close(call, passedOn);
    } catch (RuntimeException e) {
      LOG.error("{} failed", call.getMethodDescriptor().getFullMethodName(), e);
      close(
          call,
          Status.INTERNAL
              .withDescription("internal error; the node's log has the cause")
              .asRuntimeException());
    }
  }

  private static <Q, A> void close(ServerCall<Q, A> call, StatusRuntimeException failure) {
    Metadata trailers = failure.getTrailers();
    call.close(failure.getStatus(), trailers == null ? new Metadata() : trailers);
  }
}
