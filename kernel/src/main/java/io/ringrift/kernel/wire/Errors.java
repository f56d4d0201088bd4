package io.ringrift.kernel.wire;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.ErrorInfo;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import java.nio.channels.ClosedChannelException;
import java.util.Arrays;
import java.util.Optional;

/// Refusals as gRPC statuses with `google.rpc.ErrorInfo` (AIP-193), and back.
public final class Errors {
  private static final String DOMAIN = "ringrift.io";

  private Errors() {}

  /// The status that tells a refusal to a client.
  public static StatusRuntimeException toStatus(Refusal refusal) {
    var info =
        ErrorInfo.newBuilder()
            .setReason(refusal.reason().name())
            .setDomain(DOMAIN)
            .putAllMetadata(refusal.details())
            .build();
    return StatusProto.toStatusRuntimeException(
        com.google.rpc.Status.newBuilder()
            .setCode(Status.Code.valueOf(refusal.reason().status()).value())
            .setMessage(refusal.text())
            .addDetails(Any.pack(info))
            .build());
  }

  /// The refusal that a status tells of; a status without `ErrorInfo` is read by its code.
  public static Refusal fromStatus(StatusRuntimeException failure) {
    String message =
        Optional.ofNullable(failure.getStatus().getDescription())
            .orElse(failure.getStatus().getCode().name());
    var status = StatusProto.fromThrowable(failure);
    if (status != null) {
      for (Any detail : status.getDetailsList()) {
        var refusal = fromDetail(detail, message, failure);
        if (refusal.isPresent()) {
          return refusal.get();
        }
      }
    }
    // grpc-netty calls it UNKNOWN when a connection ends between two steps of a call.
    boolean ended = failure.getStatus().getCause() instanceof ClosedChannelException;
    Reason reason = ended ? Reason.UNREACHABLE : byCode(failure.getStatus().getCode());
    return new Refusal(reason, message, failure);
  }

  private static Optional<Refusal> fromDetail(
      Any detail, String message, StatusRuntimeException cause) {
    if (!detail.is(ErrorInfo.class)) {
      return Optional.empty();
    }
    try {
      var info = detail.unpack(ErrorInfo.class);
      var reason =
          Arrays.stream(Reason.values()).filter(r -> r.name().equals(info.getReason())).findFirst();
      return reason.map(
          r -> {
            var refusal = new Refusal(r, message, cause);
            info.getMetadataMap().forEach(refusal::with);
            return refusal;
          });
    } catch (InvalidProtocolBufferException e) {
      return Optional.empty();
    }
  }

  private static Reason byCode(Status.Code code) {
    return switch (code) {
      case DEADLINE_EXCEEDED -> Reason.DEADLINE_EXCEEDED;
      case INVALID_ARGUMENT, OUT_OF_RANGE -> Reason.INVALID_ARGUMENT;
      case UNAVAILABLE, CANCELLED -> Reason.UNREACHABLE;
      case UNAUTHENTICATED -> Reason.UNAUTHENTICATED;
      case PERMISSION_DENIED -> Reason.PERMISSION_DENIED;
      case RESOURCE_EXHAUSTED -> Reason.OVERLOADED;
      case OK,
          UNKNOWN,
          NOT_FOUND,
          ALREADY_EXISTS,
          FAILED_PRECONDITION,
          ABORTED,
          UNIMPLEMENTED,
          INTERNAL,
          DATA_LOSS ->
          Reason.INTERNAL;
    };
  }
}
