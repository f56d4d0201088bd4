package io.ringrift.node.web;

import com.linecorp.armeria.common.AggregatedHttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.common.ResponseHeaders;
import io.grpc.Status;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// Refusals before a gRPC call reached its service, in the form that gRPC clients read: the status
/// in the header of an empty answer (gRPC over HTTP/2, "Trailers-Only").
final class GrpcRefusal {
  private GrpcRefusal() {}

  static boolean isGrpc(@Nullable MediaType type) {
    return type != null && type.subtype().startsWith("grpc");
  }

  static AggregatedHttpResponse of(Status.Code code, String message) {
    String encoded = URLEncoder.encode(message, StandardCharsets.UTF_8).replace("+", "%20");
    return AggregatedHttpResponse.of(
        ResponseHeaders.builder(HttpStatus.OK)
            .contentType(MediaType.parse("application/grpc+proto"))
            .add("grpc-status", Integer.toString(code.value()))
            .add("grpc-message", encoded)
            .build());
  }

  static Status.Code code(HttpStatus status) {
    return switch (status.code()) {
      case 400 -> Status.Code.INVALID_ARGUMENT;
      case 401 -> Status.Code.UNAUTHENTICATED;
      case 403 -> Status.Code.PERMISSION_DENIED;
      case 404, 405 -> Status.Code.UNIMPLEMENTED;
      case 408, 504 -> Status.Code.DEADLINE_EXCEEDED;
      case 413, 431 -> Status.Code.RESOURCE_EXHAUSTED;
      case 503 -> Status.Code.UNAVAILABLE;
      default -> Status.Code.INTERNAL;
    };
  }
}
