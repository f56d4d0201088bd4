package io.ringrift.node.web;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.ErrorInfo;
import com.linecorp.armeria.common.AggregatedHttpResponse;
import com.linecorp.armeria.common.ContentTooLargeException;
import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.common.RequestHeaders;
import com.linecorp.armeria.common.ResponseHeaders;
import com.linecorp.armeria.common.util.Exceptions;
import com.linecorp.armeria.server.HttpStatusException;
import com.linecorp.armeria.server.ServerErrorHandler;
import com.linecorp.armeria.server.ServiceConfig;
import com.linecorp.armeria.server.ServiceRequestContext;
import com.linecorp.armeria.server.grpc.UnframedGrpcErrorHandler;
import io.grpc.Status;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Errors over HTTP in the seeds' shape: `{error, error_code, details}` (SPEC 7) with the HTTP
/// status that fits the reason. What only the leader does is redirected to it where its address is
/// known, so that clients which follow redirects may ask any node.
final class JsonErrors implements UnframedGrpcErrorHandler, ServerErrorHandler {
  private static final Logger LOG = LoggerFactory.getLogger(JsonErrors.class);
  private static final ObjectMapper MAPPER = new ObjectMapper();

  @Override
  public HttpResponse handle(
      ServiceRequestContext ctx, Status status, AggregatedHttpResponse response) {
    var trailers = response.trailers().isEmpty() ? response.headers() : response.trailers();
    var told = told(trailers.get("grpc-status-details-bin"));
    var info = told.flatMap(JsonErrors::errorInfo);
    String reason = info.map(ErrorInfo::getReason).orElse(status.getCode().name());
    // The description comes as the header carries it: percent-encoded.
    String message =
        told.map(com.google.rpc.Status::getMessage)
            .filter(text -> !text.isEmpty())
            .or(() -> Optional.ofNullable(status.getDescription()))
            .orElseGet(() -> hint(status.getCode()));
    Map<String, String> details = info.map(ErrorInfo::getMetadataMap).orElse(Map.of());
    String leader = reason.equals("NOT_LEADER") ? details.getOrDefault("leader_address", "") : "";
    if (leader.isEmpty()) {
      HttpStatus code = httpStatus(reason, status.getCode());
      return json(code, message, reason, details).toHttpResponse();
    }
    return atLeader(ctx, leader, json(HttpStatus.TEMPORARY_REDIRECT, message, reason, details));
  }

  /// The answer with the same path and query at the leader. 307 keeps method and body.
  private static HttpResponse atLeader(
      ServiceRequestContext ctx, String leader, AggregatedHttpResponse answer) {
    String place = "http://" + leader + ctx.request().path();
    var headers = answer.headers().toBuilder().set(HttpHeaderNames.LOCATION, place).build();
    return HttpResponse.of(headers, answer.content());
  }

  @Override
  public @Nullable HttpResponse onServiceException(ServiceRequestContext ctx, Throwable thrown) {
    Throwable cause = Exceptions.peel(thrown);
    if (cause instanceof HttpStatusException refused) {
      String why =
          refused.getCause() == null ? "" : String.valueOf(refused.getCause().getMessage());
      return answer(ctx.request().headers(), refused.httpStatus(), why).toHttpResponse();
    }
    if (cause instanceof ContentTooLargeException) {
      var tooLarge = HttpStatus.REQUEST_ENTITY_TOO_LARGE;
      return answer(ctx.request().headers(), tooLarge, "").toHttpResponse();
    }
    return null;
  }

  @Override
  public @Nullable AggregatedHttpResponse renderStatus(
      @Nullable ServiceRequestContext ctx,
      ServiceConfig config,
      @Nullable RequestHeaders headers,
      HttpStatus status,
      @Nullable String description,
      @Nullable Throwable cause) {
    if (status.isContentAlwaysEmpty()) {
      return AggregatedHttpResponse.of(ResponseHeaders.of(status));
    }
    return answer(headers, status, description == null ? "" : description);
  }

  private static AggregatedHttpResponse answer(
      @Nullable RequestHeaders headers, HttpStatus status, String why) {
    return headers != null && GrpcRefusal.isGrpc(headers.contentType())
        ? GrpcRefusal.of(GrpcRefusal.code(status), explain(status))
        : plain(status, why);
  }

  private static AggregatedHttpResponse plain(HttpStatus status, String why) {
    String text = explain(status);
    return json(status, why.isEmpty() ? text : text + " (" + why + ")", code(status), Map.of());
  }

  private static String explain(HttpStatus status) {
    return switch (status.code()) {
      case 400 -> "the request cannot be read; send JSON with Content-Type: application/json";
      case 404 -> "no such path; GET /status and the protos name what there is";
      case 405 -> "this path does not take that method";
      case 408 -> "the request did not arrive in time";
      case 413 -> "the request is larger than this port takes";
      case 503 ->
          "no answer in time; the request may have been done: repeat it with the same"
              + " request_id";
      default -> status.reasonPhrase();
    };
  }

  private static String code(HttpStatus status) {
    return switch (status.code()) {
      case 400, 413, 414, 431 -> "INVALID_ARGUMENT";
      case 401 -> "UNAUTHENTICATED";
      case 403 -> "PERMISSION_DENIED";
      case 404, 405 -> "NOT_FOUND";
      case 408, 503, 504 -> "DEADLINE_EXCEEDED";
      default -> "INTERNAL";
    };
  }

  static AggregatedHttpResponse json(
      HttpStatus status, String error, String code, Map<String, String> details) {
    var body = new LinkedHashMap<String, Object>();
    body.put("error", error);
    body.put("error_code", code);
    body.put("details", details);
    return AggregatedHttpResponse.of(status, MediaType.JSON_UTF_8, HttpData.wrap(bytes(body)));
  }

  static byte[] bytes(Map<String, Object> body) {
    try {
      return MAPPER.writeValueAsBytes(body);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a map of texts is always JSON", e);
    }
  }

  private static String hint(Status.Code code) {
    return switch (code) {
      case INVALID_ARGUMENT -> "a field is unknown or has a value of the wrong kind";
      case RESOURCE_EXHAUSTED -> "the request is larger than this port takes";
      default -> code.name();
    };
  }

  private static HttpStatus httpStatus(String reason, Status.Code code) {
    return switch (reason) {
      case "NOT_LEADER" -> HttpStatus.FORBIDDEN; // SPEC 7.3, when nobody is known to ask instead
      case "DISK_FULL" -> HttpStatus.INSUFFICIENT_STORAGE; // SPEC 7.1
      default -> httpStatus(code);
    };
  }

  private static HttpStatus httpStatus(Status.Code code) {
    return switch (code) {
      case OK -> HttpStatus.OK;
      case INVALID_ARGUMENT, OUT_OF_RANGE -> HttpStatus.BAD_REQUEST;
      case UNAUTHENTICATED -> HttpStatus.UNAUTHORIZED;
      case PERMISSION_DENIED -> HttpStatus.FORBIDDEN;
      case NOT_FOUND -> HttpStatus.NOT_FOUND;
      case ALREADY_EXISTS, ABORTED, FAILED_PRECONDITION -> HttpStatus.CONFLICT;
      case RESOURCE_EXHAUSTED -> HttpStatus.TOO_MANY_REQUESTS;
      case UNIMPLEMENTED -> HttpStatus.NOT_IMPLEMENTED;
      case UNAVAILABLE -> HttpStatus.SERVICE_UNAVAILABLE;
      case DEADLINE_EXCEEDED -> HttpStatus.GATEWAY_TIMEOUT;
      case CANCELLED -> HttpStatus.CLIENT_CLOSED_REQUEST;
      case UNKNOWN, INTERNAL, DATA_LOSS -> HttpStatus.INTERNAL_SERVER_ERROR;
    };
  }

  private static Optional<com.google.rpc.Status> told(@Nullable String encoded) {
    if (encoded == null || encoded.isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(com.google.rpc.Status.parseFrom(Base64.getDecoder().decode(encoded)));
    } catch (InvalidProtocolBufferException | IllegalArgumentException e) {
      LOG.debug("status details that cannot be read", e);
      return Optional.empty();
    }
  }

  private static Optional<ErrorInfo> errorInfo(com.google.rpc.Status status) {
    try {
      for (Any detail : status.getDetailsList()) {
        if (detail.is(ErrorInfo.class)) {
          return Optional.of(detail.unpack(ErrorInfo.class));
        }
      }
    } catch (InvalidProtocolBufferException e) {
      LOG.debug("status details that cannot be read", e);
    }
    return Optional.empty();
  }
}
