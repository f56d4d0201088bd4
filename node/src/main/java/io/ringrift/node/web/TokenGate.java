package io.ringrift.node.web;

import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.server.DecoratingHttpServiceFunction;
import com.linecorp.armeria.server.HttpService;
import com.linecorp.armeria.server.ServiceRequestContext;
import io.grpc.Status;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Refuses requests without the cluster's token, except for status, probes and metrics (SPEC 7).
/// The comparison takes the same time whatever was sent.
final class TokenGate implements DecoratingHttpServiceFunction {
  private static final String WHY =
      "this cluster wants a token; send Authorization: Bearer <token>";
  private static final Set<String> OPEN_PATHS = Set.of("/status", "/health", "/metrics");
  private static final List<String> OPEN_PREFIXES =
      List.of("/health/", "/grpc.health.v1.Health/", "/ringrift.status.v1.StatusService/");

  private final byte[] expected;

  TokenGate(String token) {
    this.expected = ("Bearer " + token).getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public HttpResponse serve(HttpService next, ServiceRequestContext ctx, HttpRequest request)
      throws Exception {
    if (isOpen(ctx.path()) || holdsToken(request)) {
      return next.serve(ctx, request);
    }
    request.abort();
    return GrpcRefusal.isGrpc(request.contentType())
        ? GrpcRefusal.of(Status.Code.UNAUTHENTICATED, WHY).toHttpResponse()
        : httpRefusal();
  }

  private static boolean isOpen(String path) {
    return OPEN_PATHS.contains(path) || OPEN_PREFIXES.stream().anyMatch(path::startsWith);
  }

  private boolean holdsToken(HttpRequest request) {
    String shown = request.headers().get(HttpHeaderNames.AUTHORIZATION, "");
    return MessageDigest.isEqual(expected, shown.getBytes(StandardCharsets.UTF_8));
  }

  private static HttpResponse httpRefusal() {
    var body = JsonErrors.json(HttpStatus.UNAUTHORIZED, WHY, "UNAUTHENTICATED", Map.of());
    return HttpResponse.of(
        body.headers().toBuilder().set(HttpHeaderNames.WWW_AUTHENTICATE, "Bearer").build(),
        body.content());
  }
}
