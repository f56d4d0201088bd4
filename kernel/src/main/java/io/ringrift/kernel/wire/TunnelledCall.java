package io.ringrift.kernel.wire;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Context;
import io.grpc.Deadline;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import io.ringrift.kernel.Refusal;
import io.ringrift.membership.v1.TunnelCall;
import io.ringrift.membership.v1.TunnelReply;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// The calling end of one call on a stream. The other end may send as many responses as it has
/// credit for; half a window consumed is half a window granted again. Callbacks run serially on the
/// executor of the call's options.
final class TunnelledCall<Q, A> extends ClientCall<Q, A> {
  static final int WINDOW = 16;

  /// A frame has to fit into one gRPC message of the default size.
  static final int MAX_MESSAGE = 4 * 1024 * 1024 - 64 * 1024;

  private record End(Status status, Metadata trailers) {}

  private final MethodDescriptor<Q, A> method;
  private final AttachedStream stream;
  private final ScheduledExecutorService timer;
  private final @Nullable Deadline deadline;
  private final SerialExecutor callbacks;
  private final ReentrantLock lock = new ReentrantLock();
  private final ArrayDeque<ByteString> responses = new ArrayDeque<>();
  private @Nullable Listener<A> listener;
  private @Nullable ByteString request;
  private @Nullable End end;
  private @Nullable ScheduledFuture<?> timeout;
  private long id;
  private long requested;
  private int consumed;
  private boolean closed;

  TunnelledCall(
      MethodDescriptor<Q, A> method,
      CallOptions options,
      AttachedStream stream,
      ScheduledExecutorService timer) {
    this.method = method;
    this.stream = stream;
    this.timer = timer;
    this.deadline = earlier(options.getDeadline(), Context.current().getDeadline());
    Executor chosen = options.getExecutor();
    this.callbacks =
        new SerialExecutor(chosen == null ? task -> Thread.startVirtualThread(task) : chosen);
  }

  @Override
  public void start(Listener<A> responseListener, Metadata headers) {
    lock.lock();
    try {
      listener = responseListener;
      if (!method.getType().clientSendsOneMessage()) {
        close(Status.UNIMPLEMENTED.withDescription("tunnels carry no client streams"));
      }
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void sendMessage(Q message) {
    try (InputStream bytes = method.streamRequest(message)) {
      request = ByteString.readFrom(bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void halfClose() {
    lock.lock();
    try {
      ByteString body = request;
      if (closed || body == null) {
        return;
      }
      if (body.size() > MAX_MESSAGE) {
        close(tooLarge("request", body.size()));
        return;
      }
      var frame =
          TunnelCall.newBuilder()
              .setMethod(method.getFullMethodName())
              .setRequest(body)
              .setCredit(WINDOW);
      if (deadline != null) {
        long left = deadline.timeRemaining(TimeUnit.NANOSECONDS);
        if (left <= 0) {
          close(Status.DEADLINE_EXCEEDED.withDescription("the deadline passed before the call"));
          return;
        }
        frame.setTimeout(MembershipProtos.proto(Duration.ofNanos(left)));
        timeout = timer.schedule(this::timedOut, left, TimeUnit.NANOSECONDS);
      }
      id = stream.open(this, frame);
    } catch (Refusal refusal) {
      failed(refusal);
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void request(int messages) {
    lock.lock();
    try {
      requested += messages;
      deliver();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void cancel(@Nullable String message, @Nullable Throwable cause) {
    abandon(Status.CANCELLED.withDescription(message).withCause(cause));
  }

  /// One frame of the answer.
  void replied(TunnelReply reply) {
    lock.lock();
    try {
      if (reply.hasResponse()) {
        if (responses.size() >= WINDOW) {
          abandon(Status.INTERNAL.withDescription("the node sent more than it had credit for"));
          return;
        }
        responses.add(reply.getResponse());
      }
      if (reply.hasStatusCode()) {
        end = ending(reply);
      }
      deliver();
    } finally {
      lock.unlock();
    }
  }

  /// The call ends without an answer of the other end.
  void failed(Refusal refusal) {
    StatusRuntimeException failure = Errors.toStatus(refusal);
    Metadata trailers = failure.getTrailers();
    lock.lock();
    try {
      if (end == null) {
        end = new End(failure.getStatus(), trailers == null ? new Metadata() : trailers);
      }
      deliver();
    } finally {
      lock.unlock();
    }
  }

  private void timedOut() {
    abandon(Status.DEADLINE_EXCEEDED.withDescription("no answer over the tunnel in time"));
  }

  private void abandon(Status status) {
    lock.lock();
    try {
      if (!closed) {
        stream.cancel(id);
        responses.clear();
        close(status);
      }
    } finally {
      lock.unlock();
    }
  }

  /// Under the lock: hands over what was asked for, then the end.
  private void deliver() {
    Listener<A> to = listener;
    while (!closed && to != null && requested > 0 && !responses.isEmpty()) {
      requested--;
      ByteString body = responses.remove();
      callbacks.execute(() -> parsed(to, body));
      consumed++;
      if (consumed >= WINDOW / 2 && end == null) {
        stream.addCredit(id, consumed);
        consumed = 0;
      }
    }
    if (!closed && end != null && responses.isEmpty()) {
      close(end.status(), end.trailers());
    }
  }

  private void parsed(Listener<A> to, ByteString body) {
    try {
      to.onMessage(method.parseResponse(body.newInput()));
    } catch (StatusRuntimeException e) {
      abandon(e.getStatus());
    }
  }

  private void close(Status status) {
    close(status, new Metadata());
  }

  private void close(Status status, Metadata trailers) {
    closed = true;
    if (timeout != null) {
      timeout.cancel(false);
    }
    Listener<A> to = listener;
    if (to != null) {
      callbacks.execute(() -> to.onClose(status, trailers));
    }
  }

  private static End ending(TunnelReply reply) {
    Status status =
        Status.fromCodeValue(reply.getStatusCode()).withDescription(reply.getStatusMessage());
    if (reply.getStatusDetails().isEmpty()) {
      return new End(status, new Metadata());
    }
    try {
      var details = com.google.rpc.Status.parseFrom(reply.getStatusDetails());
      Metadata trailers = StatusProto.toStatusRuntimeException(details).getTrailers();
      return new End(status, trailers == null ? new Metadata() : trailers);
    } catch (InvalidProtocolBufferException | IllegalArgumentException _) {
      return new End(status, new Metadata());
    }
  }

  static Status tooLarge(String what, int size) {
    return Status.RESOURCE_EXHAUSTED.withDescription(
        "the " + what + " of " + size + " bytes is too large for a tunnel: at most " + MAX_MESSAGE);
  }

  private static @Nullable Deadline earlier(@Nullable Deadline a, @Nullable Deadline b) {
    if (a == null || b == null) {
      return a == null ? b : a;
    }
    return a.minimum(b);
  }
}
