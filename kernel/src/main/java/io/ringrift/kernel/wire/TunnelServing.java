package io.ringrift.kernel.wire;

import com.google.protobuf.ByteString;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.protobuf.StatusProto;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.membership.v1.TunnelCall;
import io.ringrift.membership.v1.TunnelReply;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.function.Supplier;

/// Answers the calls that come by one stream from this node's own services, as raw bytes: a call
/// made as server-streaming serves unary methods too. Bounded in calls; each caller's credit bounds
/// its responses.
final class TunnelServing {
  private static final int MAX_CREDIT = 1024;

  private static final MethodDescriptor.Marshaller<byte[]> BYTES =
      new MethodDescriptor.Marshaller<>() {
        @Override
        public InputStream stream(byte[] value) {
          return new ByteArrayInputStream(value);
        }

        @Override
        public byte[] parse(InputStream stream) {
          try {
            return stream.readAllBytes();
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        }
      };

  private final Supplier<Channel> local;
  private final Predicate<TunnelReply> send;
  private final ConcurrentHashMap<Long, ClientCall<byte[], byte[]>> calls =
      new ConcurrentHashMap<>();
  private volatile boolean closed;

  /// @param send false when the stream takes no more
  TunnelServing(Supplier<Channel> local, Predicate<TunnelReply> send) {
    this.local = local;
    this.send = send;
  }

  void called(TunnelCall frame) {
    ClientCall<byte[], byte[]> present = calls.get(frame.getCallId());
    if (frame.getCancel()) {
      if (present != null) {
        present.cancel("the caller no longer waits", null);
      }
    } else if (frame.getMethod().isEmpty()) {
      if (present != null) {
        present.request(credit(frame));
      }
    } else if (present != null || closed) {
      end(frame.getCallId(), Status.INVALID_ARGUMENT.withDescription("call_id is in use"));
    } else if (calls.size() >= AttachedStream.MAX_CALLS) {
      refuse(
          frame.getCallId(),
          new Refusal(
              Reason.OVERLOADED,
              AttachedStream.MAX_CALLS + " calls are served over this stream already"));
    } else {
      start(frame);
    }
  }

  void close() {
    closed = true;
    calls.values().forEach(call -> call.cancel("the stream ended", null));
    calls.clear();
  }

  private void start(TunnelCall frame) {
    long id = frame.getCallId();
    var method =
        MethodDescriptor.<byte[], byte[]>newBuilder(BYTES, BYTES)
            .setType(MethodDescriptor.MethodType.SERVER_STREAMING)
            .setFullMethodName(frame.getMethod())
            .build();
    CallOptions options = CallOptions.DEFAULT;
    if (frame.hasTimeout()) {
      Duration timeout = MembershipProtos.duration(frame.getTimeout());
      options = options.withDeadlineAfter(timeout.toNanos(), TimeUnit.NANOSECONDS);
    }
    ClientCall<byte[], byte[]> call = local.get().newCall(method, options);
    calls.put(id, call);
    call.start(new Answers(id, call), new Metadata());
    call.request(credit(frame));
    call.sendMessage(frame.getRequest().toByteArray());
    call.halfClose();
  }

  private static int credit(TunnelCall frame) {
    return Math.clamp(frame.getCredit(), 1, MAX_CREDIT);
  }

  private void refuse(long id, Refusal refusal) {
    var failure = Errors.toStatus(refusal);
    Metadata trailers = failure.getTrailers();
    end(id, failure.getStatus(), trailers == null ? new Metadata() : trailers);
  }

  private void end(long id, Status status) {
    end(id, status, new Metadata());
  }

  private void end(long id, Status status, Metadata trailers) {
    var frame = TunnelReply.newBuilder().setCallId(id).setStatusCode(status.getCode().value());
    if (status.getDescription() != null) {
      frame.setStatusMessage(status.getDescription());
    }
    if (!status.isOk()) {
      var details = StatusProto.fromStatusAndTrailers(status, trailers);
      frame.setStatusDetails(details.toByteString());
    }
    var _ = send.test(frame.build());
  }

  private final class Answers extends ClientCall.Listener<byte[]> {
    private final long id;
    private final ClientCall<byte[], byte[]> call;
    private boolean tooLarge;

    Answers(long id, ClientCall<byte[], byte[]> call) {
      this.id = id;
      this.call = call;
    }

    @Override
    public void onMessage(byte[] message) {
      if (message.length > TunnelledCall.MAX_MESSAGE) {
        tooLarge = true;
        end(id, TunnelledCall.tooLarge("response", message.length));
        call.cancel("the response is too large", null);
        return;
      }
      var frame =
          TunnelReply.newBuilder().setCallId(id).setResponse(ByteString.copyFrom(message)).build();
      if (!send.test(frame)) {
        call.cancel("the stream takes no more", null);
      }
    }

    @Override
    public void onClose(Status status, Metadata trailers) {
      calls.remove(id, call);
      if (!tooLarge) {
        end(id, status, trailers);
      }
    }
  }
}
